"""Dailies: one template a subject, other numbers and names every day."""

import random
import re
from datetime import datetime

from replica.dates import MONTHS_EN, MONTHS_ID

_FIELD = re.compile(r"\{(\w+)(?::(\d+)-(\d+))?\}")
_SKY_ID = ("cerah", "cerah berawan", "berawan", "hujan ringan", "hujan sedang", "hujan petir")
_SKY_EN = ("clear", "partly cloudy", "overcast", "light rain", "moderate rain", "thunderstorms")
_AIR_ID = ("baik", "sedang", "tidak sehat", "sangat tidak sehat")
_AIR_EN = ("good", "moderate", "unhealthy for sensitive groups", "unhealthy")
_WEEK_ID = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_WEEK_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _templates(text: str) -> tuple[tuple[str, ...], ...]:
    """Templates parted by --, their paragraphs by a blank line."""
    return tuple(
        tuple(" ".join(paragraph.split()) for paragraph in one.strip().split("\n\n"))
        for one in text.split("\n--\n")
    )


DAILIES_ID = _templates(
    """
Badan Meteorologi, Klimatologi, dan Geofisika (BMKG) memprakirakan {sky} mengguyur sebagian besar
wilayah {town} pada {week} ({d}/{m}).

Suhu udara berkisar {n:22-26} hingga {n:29-34} derajat Celsius dengan kelembapan {n:55-75} sampai
{n:85-98} persen, sedangkan angin bertiup dari {n:5-30} kilometer per jam.

Pada pagi hari {town} diprakirakan {sky}, siang {sky}, dan malam {sky}.

Masyarakat diminta waspada terhadap hujan yang disertai kilat dan angin kencang berdurasi singkat,
terutama pada peralihan musim, serta memantau keterangan resmi melalui laman dan akun media sosial
lembaga itu.
--
Nilai tukar rupiah terhadap dolar AS pada pembukaan perdagangan {week} di {town} {way} {n:5-95}
poin menjadi Rp{n:15-16}.{n:100-999} per dolar AS dari sebelumnya Rp{n:15-16}.{n:100-999} per
dolar AS.

Kurs Jakarta Interbank Spot Dollar Rate (JISDOR) Bank Indonesia pada {week} ({d}/{m}) bergerak ke
level Rp{n:15-16}.{n:100-999} per dolar AS dari Rp{n:15-16}.{n:100-999} per dolar AS.

Pelaku pasar masih menunggu keputusan bank sentral Amerika Serikat mengenai suku bunga acuan serta
data inflasi yang akan diumumkan akhir bulan.
--
Jadwal shalat untuk wilayah {town} dan sekitarnya pada {week}, {d} {month}, sebagai berikut: Imsak
pukul 04.{n:20-40} WIB, Subuh pukul 04.{n:30-50} WIB, Zuhur pukul 12.{n:00-10} WIB, Asar pukul
15.{n:10-20} WIB, Magrib pukul 18.{n:05-18} WIB, dan Isya pukul 19.{n:15-28} WIB.

Jadwal tersebut dikutip dari laman Bimbingan Masyarakat Islam Kementerian Agama.
--
Harga emas batangan PT Aneka Tambang Tbk yang dipantau di {town} pada {week} ({d}/{m}) {way}
Rp{n:2-19}.000 menjadi Rp1.{n:400-990}.000 per gram.

Harga jual kembali emas batangan turut berubah menjadi Rp1.{n:300-850}.000 per gram.

Berikut harga pecahan emas batangan: 0,5 gram Rp{n:700-990}.500, 1 gram Rp1.{n:400-990}.000, 2
gram Rp2.{n:800-990}.000, 5 gram Rp7.{n:100-900}.000, 10 gram Rp14.{n:200-900}.000.

Transaksi harga jual dikenakan potongan pajak sesuai dengan peraturan menteri keuangan, yaitu 1,5
persen untuk pemegang nomor pokok wajib pajak dan 3 persen untuk yang tidak.
--
Gempa bumi bermagnitudo {n:4-6},{n:0-9} mengguncang {town} pada {week} ({d}/{m}) pukul
{n:10-23}.{n:10-59} WIB.

Pusat gempa berada di {n:1-9},{n:10-99} lintang selatan dan 1{n:00-40},{n:10-99} bujur timur,
{n:12-190} kilometer dari {town}, dengan kedalaman {n:10-120} kilometer.

Gempa tersebut tidak berpotensi tsunami. Masyarakat diimbau tetap tenang dan tidak terpengaruh
oleh kabar yang tidak dapat dipertanggungjawabkan kebenarannya.
--
Harga cabai rawit merah di {town} pada {week} ({d}/{m}) tercatat Rp{n:40-95}.{n:100-990} per
kilogram, bawang merah Rp{n:30-55}.{n:100-990} per kilogram, dan beras medium
Rp{n:12-15}.{n:100-990} per kilogram.

Berdasarkan panel harga Badan Pangan Nasional pukul {n:6-9}.{n:10-59} WIB, telur ayam ras
Rp{n:26-33}.{n:100-990}, daging sapi murni Rp{n:130-145}.{n:100-990}, dan gula konsumsi
Rp{n:17-19}.{n:100-990} per kilogram.
--
Indeks Harga Saham Gabungan (IHSG) Bursa Efek Indonesia pada {week} ditutup {way} {n:5-98},{n:10-99}
poin atau 0,{n:10-99} persen ke posisi {n:6-7}.{n:100-999},{n:10-99}.

Sementara itu, kelompok 45 saham unggulan atau indeks LQ45 {way} {n:1-9},{n:10-99} poin atau
0,{n:10-99} persen ke posisi {n:750-990},{n:10-99}.
--
Polda Metro Jaya menyediakan layanan SIM keliling di {n:2-5} lokasi di {town} pada {week} ({d}/{m})
mulai pukul 08.00 hingga 14.00 WIB untuk warga yang hendak memperpanjang masa berlaku surat izin
mengemudi.

Warga diminta membawa KTP asli, fotokopi, dan SIM lama yang masih berlaku. Biaya perpanjangan SIM A
sebesar Rp80.000 dan SIM C sebesar Rp75.000, di luar biaya tes kesehatan dan psikologi.
--
Kualitas udara di {town} pada {week} pagi masuk kategori {air} dengan indeks {n:41-190}, berdasarkan
situs pemantau pukul {n:5-8}.{n:10-59} WIB. Konsentrasi partikel halus PM2,5 tercatat {n:12-98}
mikrogram per meter kubik.

Masyarakat disarankan mengenakan masker di luar ruangan, menutup jendela, dan menyalakan penyaring
udara.
--
Tinggi muka air di Pintu Air {town} pada {week} pukul {n:1-9}.00 WIB tercatat {n:60-240} sentimeter
atau siaga {n:2-4}, sedangkan di Katulampa {n:20-140} sentimeter dengan cuaca {sky}.
"""
)
DAILIES_EN = _templates(
    """
The meteorological agency forecasts {sky} over most of {town} on {week}, {month} {d}.

Temperatures are expected to range from {n:22-26} to {n:29-34} degrees Celsius with humidity
between {n:55-75} and {n:85-98} percent and winds of up to {n:5-30} kilometers per hour.

The morning will be {sky}, the afternoon {sky}, and the night {sky}.

Residents are advised to stay alert for brief downpours with lightning and strong gusts and to
follow the agency's official website and social media accounts.
--
The rupiah opened {way} by {n:5-95} points at Rp{n:15-16},{n:100-999} per US dollar in {town} on
{week}, compared with Rp{n:15-16},{n:100-999} at the previous close.

Bank Indonesia's reference rate stood at Rp{n:15-16},{n:100-999} per US dollar, against
Rp{n:15-16},{n:100-999} a day earlier.

Market players are still waiting for the decision of the United States central bank on its
benchmark rate and for inflation data due at the end of the month.
--
Prayer times for {town} and its surroundings on {week}, {month} {d}: dawn at 4:{n:30-50} a.m.,
noon at 12:{n:00-10} p.m., afternoon at 3:{n:10-20} p.m., sunset at 6:{n:05-18} p.m. and evening
at 7:{n:15-28} p.m.

The schedule is taken from the website of the ministry of religious affairs.
--
A magnitude {n:4-6}.{n:0-9} earthquake struck {town} at {n:1-11}:{n:10-59} a.m. on {week}, {month}
{d}.

Its epicenter was located {n:12-190} kilometers off {town} at a depth of {n:10-120} kilometers,
the agency said.

The quake had no potential to cause a tsunami. Residents were asked to remain calm and not to be
misled by information that cannot be accounted for.
--
Jakarta's composite index closed {way} by {n:5-98}.{n:10-99} points or 0.{n:10-99} percent at
{n:6-7},{n:100-999}.{n:10-99} on {week}, while the index of the 45 most liquid stocks ended {way}
by {n:1-9}.{n:10-99} points at {n:750-990}.{n:10-99}.

Analysts said investors were weighing foreign outflows, commodity prices and the outlook of global
interest rates.
--
Air quality in {town} was rated {air} on {week} morning with an index of {n:41-190} at
{n:5-8}:{n:10-59} a.m., monitoring data showed. The concentration of fine particles reached
{n:12-98} micrograms per cubic meter.

Residents are advised to wear masks outdoors, close windows and switch on air purifiers.
--
Gold sold by state miner Antam in {town} traded {way} by Rp{n:2-19},000 at Rp1,{n:400-990},000 per
gram on {week}, {month} {d}, while its buyback price stood at Rp1,{n:300-850},000 per gram.
--
The ferry port of {town} served {n:1-9},{n:100-999} passengers and {n:210-990} vehicles on {week},
{month} {d}, its operator said, {way} than a day before. Waves of {n:1-3}.{n:1-9} meters and {sky}
skies are forecast for the crossing, and passengers are asked to buy their tickets online at least
two hours before departure.
"""
)


def fill(rng: random.Random, template: tuple[str, ...], town: str, day: datetime) -> list[str]:
    """The template's paragraphs for the town and the day."""
    english = template in DAILIES_EN

    def value(match: re.Match[str]) -> str:
        name, low, high = match.groups()
        if name == "n":
            return str(rng.randint(int(low), int(high))).zfill(len(low))
        return {
            "town": town,
            "d": str(day.day),
            "m": str(day.month),
            "month": (MONTHS_EN if english else MONTHS_ID)[day.month - 1],
            "week": (_WEEK_EN if english else _WEEK_ID)[day.weekday()],
            "sky": rng.choice(_SKY_EN if english else _SKY_ID),
            "air": rng.choice(_AIR_EN if english else _AIR_ID),
            "way": rng.choice(("higher", "lower") if english else ("naik", "turun")),
        }[name]

    return [_FIELD.sub(value, paragraph) for paragraph in template]
