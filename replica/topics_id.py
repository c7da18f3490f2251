"""Indonesian beats: who acts on what, for whom, and what goes wrong; words of our own."""

from replica.vocabulary import Topic

TOPICS = (
    Topic(
        "Metro",
        (
            "Dinas Perhubungan", "Balai Angkutan Sungai", "Otoritas Pelabuhan",
            "Unit Pengelola Terminal",
        ),
        ("Kepala Seksi Angkutan", "Pengawas Jalur", "Koordinator Armada", "Kepala Regu Lapangan"),
        (
            "bus pengumpan", "halte terapung", "jalur sepeda", "kapal penyeberangan",
            "gerbong barang",
            "rambu laut", "dermaga rakyat", "angkutan sekolah", "kartu langganan",
            "lampu lalu lintas",
        ),
        ("penumpang", "pengemudi", "nakhoda", "pelajar", "pedagang keliling"),
        ("kemacetan", "antrean panjang", "genangan air", "kerusakan mesin", "pendangkalan alur"),
        ("transportasi", "angkutan umum", "kapal", "jalan"),
    ),
    Topic(
        "Ekonomi",
        ("Dinas Pertanian", "Koperasi Petani", "Balai Benih", "Perkumpulan Penggilingan"),
        ("Penyuluh Utama", "Ketua Kelompok Tani", "Kepala Balai", "Manajer Gudang"),
        (
            "bibit padi", "pompa irigasi", "gudang beras", "traktor kecil", "pupuk organik",
            "kebun cabai", "lumbung jagung", "bawang merah", "kolam lele", "kandang kambing",
        ),
        ("petani", "peternak", "buruh tanam", "pemilik kios", "pembudidaya ikan"),
        ("kekeringan", "serangan wereng", "kenaikan ongkos", "kelangkaan pupuk", "banjir sawah"),
        ("pertanian", "pangan", "beras", "petani"),
    ),
    Topic(
        "Humaniora",
        ("Dinas Pendidikan", "Yayasan Literasi", "Balai Bahasa", "Perpustakaan Umum"),
        ("Kepala Bidang Kurikulum", "Pustakawan Senior", "Ketua Yayasan", "Pengawas Sekolah"),
        (
            "taman baca", "ruang kelas", "naskah kuno", "buku cerita", "laboratorium bahasa",
            "beasiswa daerah", "perahu pustaka", "kamus saku", "asrama siswa",
            "papan tulis digital",
        ),
        ("guru", "murid", "orang tua", "relawan", "mahasiswa"),
        ("kekurangan guru", "atap bocor", "akses internet", "kerusakan arsip", "putus sekolah"),
        ("pendidikan", "literasi", "sekolah", "bahasa"),
    ),
    Topic(
        "Humaniora",
        ("Dinas Kesehatan", "Rumah Sakit Umum", "Puskesmas Induk", "Palang Medis"),
        ("Kepala Bidang Pencegahan", "Dokter Jaga", "Perawat Kepala", "Ahli Gizi"),
        (
            "stok vaksin", "ambulans air", "pos gizi", "ruang rawat", "alat rontgen",
            "kantong darah",
            "jamban sehat", "kelambu", "klinik keliling", "obat malaria",
        ),
        ("pasien", "bidan", "ibu hamil", "lansia", "kader desa"),
        ("demam berdarah", "kekurangan gizi", "antrean pasien", "listrik padam", "air kotor"),
        ("kesehatan", "puskesmas", "gizi", "vaksin"),
    ),
    Topic(
        "Olahraga",
        ("Federasi Panahan", "Persatuan Dayung", "Klub Bulu Tangkis", "Komite Renang"),
        ("Pelatih Kepala", "Manajer Tim", "Kapten", "Ketua Panitia"),
        (
            "lapangan latih", "perahu naga", "kolam renang", "raket baru", "medali perunggu",
            "tiket final", "matras senam", "lintasan lari", "seragam tanding", "gelanggang remaja",
        ),
        ("atlet", "wasit", "suporter", "pemain muda", "pelatih"),
        ("cedera lutut", "cuaca buruk", "jadwal padat", "kekalahan beruntun", "dana terbatas"),
        ("olahraga", "atlet", "turnamen", "pelatnas"),
    ),
    Topic(
        "Tekno",
        (
            "Pusat Riset Antariksa", "Laboratorium Robotika", "Balai Sandi",
            "Komunitas Perangkat Lunak",
        ),
        ("Peneliti Utama", "Perekayasa Muda", "Kepala Laboratorium", "Analis Data"),
        (
            "satelit mini", "panel surya", "menara sinyal", "aplikasi cuaca", "baterai garam",
            "robot selam", "sensor gempa", "server daerah", "cip pembaca", "antena desa",
        ),
        ("peneliti", "pengembang", "teknisi", "pelanggan", "siswa kejuruan"),
        (
            "kebocoran data", "gangguan sinyal", "suhu tinggi", "keterlambatan komponen",
            "galat perangkat",
        ),
        ("teknologi", "riset", "satelit", "energi"),
    ),
    Topic(
        "Otomotif",
        ("Asosiasi Perakit Motor", "Balai Uji Kendaraan", "Pabrik Karoseri", "Perhimpunan Bengkel"),
        ("Direktur Penjualan", "Kepala Uji Jalan", "Perancang Rangka", "Kepala Bengkel"),
        (
            "skuter listrik", "mobil niaga", "ban serep", "stasiun pengisian", "mesin hibrida",
            "rem cakram", "truk ringan", "helm anak", "suku cadang", "bus tingkat",
        ),
        ("pembeli", "montir", "pemilik armada", "pereli", "perakit"),
        (
            "kelangkaan cip", "kenaikan suku bunga", "uji tabrak", "penarikan produk",
            "macet produksi",
        ),
        ("otomotif", "kendaraan listrik", "motor", "mobil"),
    ),
    Topic(
        "Warta Bumi",
        ("Balai Konservasi", "Badan Sungai", "Taman Laut", "Pos Pengamatan Gunung"),
        ("Kepala Resor", "Polisi Hutan", "Pengamat Gunung", "Ahli Terumbu"),
        (
            "kawasan bakau", "penyu hijau", "terumbu buatan", "alat ukur debu", "bibit ulin",
            "jalur pendakian", "menara pantau", "sarang maleo", "sekat kanal", "bank sampah",
        ),
        ("nelayan", "pendaki", "warga adat", "penjaga hutan", "penyelam"),
        ("abrasi", "kebakaran lahan", "perburuan liar", "hujan abu", "tumpukan plastik"),
        ("lingkungan", "konservasi", "laut", "hutan"),
    ),
    Topic(
        "Hukum",
        ("Pengadilan Negeri", "Kejaksaan Cabang", "Kepolisian Resor", "Kantor Imigrasi"),
        ("Juru Bicara", "Kepala Satuan", "Jaksa Penuntut", "Panitera"),
        (
            "berkas perkara", "barang bukti", "paspor palsu", "kayu sitaan", "rekaman sidang",
            "pos jaga", "kendaraan dinas", "sertifikat tanah", "layanan pengaduan", "ruang mediasi",
        ),
        ("saksi", "terdakwa", "pelapor", "pengacara", "korban penipuan"),
        ("penyelundupan", "sengketa lahan", "pungutan liar", "pencurian kabel", "penipuan daring"),
        ("hukum", "sidang", "polisi", "pengadilan"),
    ),
    Topic(
        "Hiburan",
        ("Dewan Kesenian", "Museum Maritim", "Sanggar Tari", "Rumah Film"),
        ("Kurator", "Sutradara", "Penata Musik", "Ketua Sanggar"),
        (
            "panggung terbuka", "film pendek", "kain tenun", "topeng kayu", "gamelan tua",
            "pameran foto", "wayang kulit", "festival teater", "lukisan pasir", "kaset langka",
        ),
        ("penari", "penonton", "perajin", "pemusik", "kolektor"),
        ("sepi penonton", "hujan deras", "biaya sewa", "kerusakan koleksi", "izin keramaian"),
        ("seni", "budaya", "film", "museum"),
    ),
    Topic(
        "Dunia",
        ("Kementerian Kelautan", "Komisi Perbatasan", "Dewan Bandar", "Badan Pengungsi"),
        ("Juru Runding", "Wakil Menteri", "Utusan Khusus", "Ketua Delegasi"),
        (
            "kapal bantuan", "tenda pengungsi", "kabel bawah laut", "gandum ekspor",
            "pos lintas batas",
            "perjanjian dagang", "jalur kereta", "visa pelajar", "pangkalan udara", "pipa gas",
        ),
        ("diplomat", "pengungsi", "pekerja migran", "pelaut", "pengamat asing"),
        ("gencatan senjata", "lonjakan tarif", "gelombang panas", "pemogokan", "penutupan selat"),
        ("internasional", "diplomasi", "perdagangan", "kemanusiaan"),
    ),
    Topic(
        "Politik",
        ("Komisi Pemilihan", "Sekretariat Dewan", "Badan Pengawas", "Panitia Khusus"),
        ("Ketua Komisi", "Sekretaris Dewan", "Anggota Panitia", "Koordinator Divisi"),
        (
            "rancangan perda", "kotak suara", "daftar pemilih", "anggaran perubahan", "hak angket",
            "gedung parlemen", "formulir rekap", "dana hibah", "surat suara", "rapat dengar",
        ),
        ("pemilih pemula", "saksi partai", "petugas TPS", "anggota fraksi", "kepala dusun"),
        ("data ganda", "sengketa hasil", "keterlambatan logistik", "kuorum gagal", "politik uang"),
        ("politik", "pemilu", "DPRD", "anggaran"),
    ),
)  # fmt: skip
