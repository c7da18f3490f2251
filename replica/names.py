"""Made-up names of people, villages and companies."""

import random


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FIRST = _words(
    "Adi Anisa Arif Astuti Bagus Bayu Bima Cahya Citra Damar Dewi Dian Dimas Eka Elok Fajar "
    "Farida Galih Gita Hadi Hana Hendra Ika Ilham Indah Intan Jaka Johan Kartika Kemala "
    "Kirana Laras Lestari Lukas Mahesa Marlina Melati Mirza Nadia Nanda Nirmala Okta Pandu "
    "Puspita Raditya Rahmat Ratih Rendra Rina Salma Satria Sekar Surya Tirta Utari Vina Wulan "
    "Yanti Yoga Yunita Zahra Zaki"
)
_MIDDLE = _words(
    "Adya Bakti Candra Dharma Fitri Guna Harum Indra Jati Krisna Luhur Mulya Nur Panca Rasa "
    "Setya Tri Wira Yuda"
)
_LAST = _words(
    "Abimanyu Anggoro Asmara Atmaja Baskoro Budiarta Cendana Danurwenda Darmaputra Effendy "
    "Fatoni Ginanjar Gultom Hakim Handoko Harjanto Hasibuan Irawan Ismaya Juwana Kertapati "
    "Kusnadi Laksono Lumbantoruan Mahardika Manalu Mangkubumi Nainggolan Natadiredja Nugraha "
    "Pakpahan Panjaitan Permana Purnomo Rahadian Ramdani Rumagit Saptono Sasongko Sembiring "
    "Sihombing Sinaga Soedirga Suhendar Sumantri Tambunan Tampubolon Taslim Tirtayasa Umbara "
    "Wairata Wardana Wibisana Wicaksono Widjanarko Yogiswara Zainal"
)
_HEADS = _words(
    "Suka Karang Tanjung Muara Kali Rawa Gunung Pasir Banjar Kebon Sumber Ujung Batu Ranca "
    "Pulo Teluk Cipta Jati Wono Talang"
)
_TAILS = _words(
    "asih baru damai elok gede hilir indah jaya kencana laut mukti nangka ombo pandan raya "
    "sari tengah utama wangi asri bening cempaka dalam endah"
)
_INNER = _words("ba ci da ga ja ka la ma na pa ra sa ta wa")
_FIRMS = _words(
    "Bahtera Cakra Dwipa Ganesha Karsa Lintas Mandala Nirwana Pijar Samudra Tunas Wahana"
)
_TRADES = _words("Agro Energi Logistik Maritim Pangan Persada Sejahtera Teknik Utama Citra")


def person(rng: random.Random) -> str:
    """Return a person's name of two or three words."""
    if rng.random() < 0.3:
        return f"{rng.choice(_FIRST)} {rng.choice(_MIDDLE)} {rng.choice(_LAST)}"
    return f"{rng.choice(_FIRST)} {rng.choice(_LAST)}"


def village(rng: random.Random) -> str:
    """Return a village's name of one or two words."""
    inner = rng.choice(_INNER) + rng.choice(("", rng.choice(_INNER)))
    joint = rng.choice(("", inner, " "))
    tail = rng.choice(_TAILS)
    return rng.choice(_HEADS) + joint + (tail.capitalize() if joint == " " else tail)


def firm(rng: random.Random) -> str:
    """Return a company's name."""
    return f"PT {rng.choice(_FIRMS)} {rng.choice(_TRADES)} {village(rng)}"
