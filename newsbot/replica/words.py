"""Words and sentence patterns from which the synthetic stories are made; all of our own writing."""

import random

FIRST = [
    "Adi",
    "Bagus",
    "Citra",
    "Dewi",
    "Eko",
    "Fajar",
    "Gita",
    "Hendra",
    "Indah",
    "Joko",
    "Kartika",
    "Lestari",
    "Mega",
    "Nanda",
    "Okta",
    "Putri",
    "Rahmat",
    "Sari",
    "Tono",
    "Umar",
    "Vina",
    "Wahyu",
    "Yanti",
    "Zaki",
    "Bayu",
    "Dimas",
    "Rina",
    "Slamet",
    "Tuti",
    "Wulan",
]
LAST = [
    "Abidin",
    "Budiman",
    "Cahyono",
    "Darmawan",
    "Effendi",
    "Firmansyah",
    "Gunawan",
    "Hidayat",
    "Iskandar",
    "Jatmiko",
    "Kurniawan",
    "Lubis",
    "Maulana",
    "Nasution",
    "Ompusunggu",
    "Pratama",
    "Rangkuti",
    "Santoso",
    "Tanjung",
    "Utomo",
    "Wibowo",
    "Yulianto",
    "Zulkarnain",
    "Siregar",
    "Harahap",
    "Prabowo",
    "Setiadi",
    "Manurung",
    "Halim",
    "Rosadi",
]
PLACES = [
    "Jakarta",
    "Bandung",
    "Surabaya",
    "Semarang",
    "Medan",
    "Makassar",
    "Denpasar",
    "Palembang",
    "Pontianak",
    "Manado",
    "Kupang",
    "Ambon",
    "Jayapura",
    "Mataram",
    "Yogyakarta",
    "Padang",
    "Pekanbaru",
    "Banjarmasin",
    "Samarinda",
    "Kendari",
]
REGIONS = (
    ("Serang", "Banten"), ("Siak", "Riau"), ("Malang", "Jawa Timur"), ("Dubai", "UEA"),
    ("Bogor", "Jawa Barat"), ("Sleman", "DIY"), ("Toba", "Sumatera Utara"), ("Gowa", "Sulsel"),
)  # fmt: skip

ID = {
    "actor": (
        "Dinas Perhubungan", "Badan Meteorologi", "Kementerian Pertanian", "Kepolisian Resor",
        "Pemerintah Kota", "Universitas Negeri", "Balai Besar Sungai", "Asosiasi Nelayan",
        "Dewan Kesenian", "Rumah Sakit Umum", "Perum Angkutan", "Koperasi Petani", "Bank Daerah",
        "Komunitas Pesepeda", "Badan Pengawas Pangan", "Museum Maritim", "Kantor Imigrasi",
        "Tim Penyelamat", "Federasi Bulu Tangkis", "Pusat Vulkanologi",
    ),
    "verb": (
        "membangun", "memeriksa", "menyalurkan", "memperbaiki", "meresmikan", "menunda",
        "mengawasi", "melatih", "menguji", "mengirim", "mendata", "membuka", "menutup",
        "menambah", "mengurangi", "memindahkan", "merawat", "menanam",
    ),
    "object": (
        "jembatan gantung", "saluran irigasi", "kapal patroli", "bibit padi", "armada bus",
        "gedung sekolah", "pasar ikan", "alat pemantau gempa", "taman baca", "jalur sepeda",
        "stok obat", "kereta barang", "panel surya", "pos kesehatan", "benih lele", "arsip naskah",
        "lapangan tembak", "kawasan bakau", "pabrik garam", "rambu laut",
    ),
    "reason": (
        "untuk mengurangi antrean warga", "agar pasokan tetap terjaga", "setelah musim hujan tiba",
        "sebelum libur panjang dimulai", "karena permintaan terus naik",
        "demi keselamatan penumpang", "seiring naiknya harga bahan",
        "menyusul laporan dari desa", "guna menekan biaya angkut",
        "sesuai hasil kajian tahun lalu", "meski anggaran terbatas", "atas usulan para pengguna",
    ),
    "day": ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"),
    "patterns": (
        "{actor} {place} {verb} {number} {object} {reason}, kata {person} pada {day}.",
        "Menurut {person}, {number} {object} di {place} akan selesai dalam {weeks} pekan {reason}.",
        '"Kami {verb} {object} di {number} titik {reason}," ujar {person} di {place}, {day}.',
        "Data {actor} menunjukkan {number} dari {total} {object} di {place} sudah siap dipakai.",
        "{person} menambahkan bahwa {actor} juga {verb} {object} di {place} {reason}.",
        "Sebanyak {number} warga {place} ikut {verb} {object} bersama {actor} sejak {day}.",
        "Hingga {day} petang, {object} yang dikelola {actor} {place} melayani {total} orang.",
        "Biaya {verb} {object} itu mencapai {number} miliar rupiah, {reason}.",
    ),
    "headline": (
        "{actor} {place} {verb} {number} {object}",
        "{number} {object} di {place} {verb} ulang tahun ini",
        "{actor}: {object} {place} siap dalam {weeks} pekan",
        "Warga {place} bantu {verb} {object}",
    ),
}  # fmt: skip
EN = {
    "actor": (
        "The transport office", "The weather agency", "The farm ministry", "The coast guard",
        "The city council", "The state university", "The river authority", "The fishers' union",
        "The arts board", "The general hospital", "The bus company", "The growers' cooperative",
        "The regional bank", "The cycling club", "The food agency", "The maritime museum",
    ),
    "verb": (
        "repaired", "inspected", "delivered", "opened", "postponed", "tested", "trained", "moved",
        "counted", "closed", "expanded", "replaced", "planted", "monitored",
    ),
    "object": (
        "footbridges", "irrigation canals", "patrol boats", "rice seedlings", "buses",
        "school halls", "fish markets", "quake sensors", "reading gardens", "bicycle lanes",
        "medicine stocks", "freight wagons", "solar panels", "clinics", "salt works", "sea marks",
    ),
    "reason": (
        "to shorten the queues", "so that supplies last", "after the rains began",
        "before the long holiday", "as demand kept rising", "for the safety of passengers",
        "as prices went up", "following reports from villages", "to lower the cost of freight",
        "in line with last year's study", "despite a tight budget", "at the users' request",
    ),
    "day": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "patterns": (
        "{actor} in {place} {verb} {number} {object} {reason}, {person} said on {day}.",
        "According to {person}, {number} {object} in {place} will be ready in {weeks} weeks.",
        '"We {verb} {object} at {number} sites {reason}," {person} remarked in {place} on {day}.',
        "Figures of the office show that {number} of {total} {object} in {place} are in use.",
        "{person} added that crews {verb} {object} near {place} {reason}.",
        "Some {number} residents of {place} {verb} {object} together with students on {day}.",
        "The work on {object} cost {number} billion rupiah, and {total} people will profit.",
    ),
    "headline": (
        "{actor} {verb} {number} {object} in {place}",
        "{place} has {number} new {object} {reason}",
        "{number} {object} {verb} near {place}",
    ),
}  # fmt: skip


class Writer:
    """Makes names, headlines and paragraphs from a seeded random source."""

    def __init__(self, rng: random.Random, language: str) -> None:
        self._rng = rng
        self._words = EN if language == "en" else ID

    def person(self) -> str:
        """A made-up name of two words."""
        return f"{self._rng.choice(FIRST)} {self._rng.choice(LAST)}"

    def place(self) -> str:
        """A city."""
        return self._rng.choice(PLACES)

    def headline(self) -> str:
        """A headline without a full stop."""
        return self._fill(self._rng.choice(self._words["headline"]))

    def sentence(self) -> str:
        """A sentence."""
        return self._fill(self._rng.choice(self._words["patterns"]))

    def paragraph(self) -> str:
        """One to three sentences."""
        return " ".join(self.sentence() for _ in range(self._rng.randint(1, 3)))

    def _fill(self, pattern: str) -> str:
        pick = self._rng.choice
        return pattern.format(
            actor=pick(self._words["actor"]),
            verb=pick(self._words["verb"]),
            object=pick(self._words["object"]),
            reason=pick(self._words["reason"]),
            day=pick(self._words["day"]),
            place=self.place(),
            person=self.person(),
            number=self._rng.randint(3, 980),
            total=self._rng.randint(1000, 98000),
            weeks=self._rng.randint(2, 30),
        )
