//! Month names of three calendars in three languages.

use kernel::Language;

use crate::calendar::Calendar;

type Names = [&'static str; 12];

/// The name of the month, 1 to 12.
pub fn name(calendar: Calendar, language: Language, month: u8) -> &'static str {
    let names = match (calendar, language) {
        (Calendar::Jalali, Language::Fa) => &JALALI_FA,
        (Calendar::Jalali, Language::Ar) => &JALALI_AR,
        (Calendar::Jalali, Language::En) => &JALALI_EN,
        (Calendar::Hijri, Language::Fa) => &HIJRI_FA,
        (Calendar::Hijri, Language::Ar) => &HIJRI_AR,
        (Calendar::Hijri, Language::En) => &HIJRI_EN,
        (Calendar::Gregorian, Language::Fa) => &GREGORIAN_FA,
        (Calendar::Gregorian, Language::Ar) => &GREGORIAN_AR,
        (Calendar::Gregorian, Language::En) => &GREGORIAN_EN,
    };
    names.get(usize::from(month).wrapping_sub(1)).copied().unwrap_or_default()
}

const JALALI_FA: Names =
    ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"];
const JALALI_AR: Names =
    ["فرفردين", "أرديبهشت", "خرداد", "تير", "مرداد", "شهريور", "مهر", "آبان", "آذر", "دي", "بهمن", "إسفند"];
const JALALI_EN: Names = [
    "Farvardin",
    "Ordibehesht",
    "Khordad",
    "Tir",
    "Mordad",
    "Shahrivar",
    "Mehr",
    "Aban",
    "Azar",
    "Dey",
    "Bahman",
    "Esfand",
];
const HIJRI_FA: Names = [
    "محرم",
    "صفر",
    "ربیع‌الاول",
    "ربیع‌الثانی",
    "جمادی‌الاول",
    "جمادی‌الثانی",
    "رجب",
    "شعبان",
    "رمضان",
    "شوال",
    "ذیقعده",
    "ذیحجه",
];
const HIJRI_AR: Names = [
    "محرم",
    "صفر",
    "ربيع الأول",
    "ربيع الآخر",
    "جمادى الأولى",
    "جمادى الآخرة",
    "رجب",
    "شعبان",
    "رمضان",
    "شوال",
    "ذو القعدة",
    "ذو الحجة",
];
const HIJRI_EN: Names = [
    "Muharram",
    "Safar",
    "Rabiʻ I",
    "Rabiʻ II",
    "Jumada I",
    "Jumada II",
    "Rajab",
    "Shaʻban",
    "Ramadan",
    "Shawwal",
    "Dhuʻl-Qiʻdah",
    "Dhuʻl-Hijjah",
];
const GREGORIAN_FA: Names = [
    "ژانویهٔ",
    "فوریهٔ",
    "مارس",
    "آوریل",
    "مهٔ",
    "ژوئن",
    "ژوئیهٔ",
    "اوت",
    "سپتامبر",
    "اکتبر",
    "نوامبر",
    "دسامبر",
];
const GREGORIAN_AR: Names = [
    "يناير",
    "فبراير",
    "مارس",
    "أبريل",
    "مايو",
    "يونيو",
    "يوليو",
    "أغسطس",
    "سبتمبر",
    "أكتوبر",
    "نوفمبر",
    "ديسمبر",
];
const GREGORIAN_EN: Names = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
