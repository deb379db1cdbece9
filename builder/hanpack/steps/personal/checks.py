"""Checks whether a string that looks like personal data can be it: dates, check digits, number plans."""

from __future__ import annotations

import re
from calendar import monthrange
from functools import cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from hanpack.lazy_patterns import compile_lazily

# The first four digits of an identity number: a province or region, and a city or prefecture, by GB/T 2260.
_REGIONS = compile_lazily("(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])(?:[0-6][0-9]|70|90)")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"
# The issuers whose cards people hold in China, with the numbers of digits: ISO/IEC 7812 and UnionPay.
_CARDS = compile_lazily(
    r"62[0-9]{14,17}|60[0-9]{14,17}|9558[0-9]{12,15}|4[0-9]{15}|(?:5[1-5]|2[2-7])[0-9]{14}|35[0-9]{14}"
    r"|3[47][0-9]{13}"
)
_SERIAL = compile_lazily(
    r"(?=(?:[0-9]*[A-Z]){0,2}[0-9]*\Z)[0-9A-Z]{5}|[A-HJK][0-9A-Z][0-9]{4}|[0-9]{5}[A-HJK]"
)
_SUFFIXED_SERIAL = compile_lazily(r"(?=(?:[0-9]*[A-Z]){0,1}[0-9]*\Z)[0-9A-Z]{4}")
# The words that follow the number of a house or a room; 元 as in 2单元.
HOUSE_WORDS = "号號室栋棟幢座元组組弄楼樓户戶巷"
_HOUSE_NUMBER = compile_lazily(f"[0-9０-９A-Za-z零〇一二三四五六七八九十百甲乙丙丁] ?[单單]?[{HOUSE_WORDS}]")
_REGION_WORD = compile_lazily(r"[省市区區县縣镇鎮乡鄉村路街道庄莊屯旗盟里]")
# Domains that are not in the Internet: RFC 2606, RFC 6762 (appendix G) and what people write for one.
_LOCAL_DOMAINS = (
    *("corp", "example", "home", "internal", "intranet", "invalid", "lan", "loc", "local"),
    *("localdomain", "localhost", "private", "test", "tld"),
)
# What people write for an address, to be replaced by the reader's: a name, or the first part of a domain.
_PLACEHOLDER_NAME = compile_lazily(
    r"([xyz])\1+|email|you|your(?:[._-]?(?:e-?mail|name|id))?|user[._-]?name|someone"
)
_PLACEHOLDER_DOMAIN = compile_lazily(r"(?:x{2,}|(?:your|my)[_-]?(?:domain|company|site)|domain)\.")
# Words of Kotlin before the sign, as in this@Circle.shape, and the account of Git.
_NO_NAMES = ("break", "continue", "git", "return", "super", "this")
# Those with which the algorithms of SSH are named: RFC 4251, section 6.
_ALGORITHMS = ("openssh.com", "libssh.org", "lysator.liu.se")
# Below this an octet may number a section or a version.
_LARGEST_SECTION = 19
_RESERVED_OCTETS = (0, 127)
# The last octet of most networks and of the address of all their hosts (RFC 919).
_NETWORK_OCTETS = (0, 255)
# From here on the first octet is that of no host: groups and reserved addresses (RFC 1112, section 4).
_FIRST_GROUP = 224
# An address of IPv6 with fewer groups is a network, or a name of C++.
_FEWEST_GROUPS = 3
# A number with fewer different digits is an example.
_FEWEST_DIGITS = 3
# So is one with a digit so many times in a row.
_REPEATED_DIGIT = compile_lazily(r"([0-9])\1{6}")
_DIGITS_OF_DAY = 8
# The mobile numbers in the number plan of the mainland, as libphonenumber has them (9.0): a test compares all
# their heads. To load the library takes longer than to search 10 MB.
_MOBILE = compile_lazily(
    "1(?:610[0-9]|740[0-5])[0-9]{6}|1(?:[38][0-9]|4[57]|[59][0-35-9]|6[25-7]|7[0-35-8])[0-9]{8}"
)
# A number of Beijing, or of a city whose area code has two digits.
_LARGE_CITY = compile_lazily(r"0(?:10|2[0-9]) [2-9][0-9]{7}")
# Three shares without marks between them, as in 17.242.140.7: each with one decimal.
_SHARES = compile_lazily(r"(\d{1,2})\.(\d)(\d{1,2})\.(\d)(\d{1,2})\.(\d)")
# A year and a day at the end of the number of a file.
_YEAR_AND_DAY = compile_lazily(r"(?:19|20)[0-9]{2}-[0-9]{4}$")
_LEAST_SUM, _LARGEST_SUM = 999, 1001


def keep_digits(text: str) -> str:
    """The digits of a string.

    >>> keep_digits("138-1234 5678")
    '13812345678'
    """
    return "".join(filter(str.isdigit, text))


def is_date(digits: str) -> bool:
    """Whether eight digits are a day from 1900 to 2099.

    >>> is_date("20240615"), is_date("20241315")
    (True, False)
    """
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
    return 1900 <= year < 2100 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


def is_identity_number(text: str) -> bool:
    """Whether a string is a Chinese identity number: region, day of birth and check character fit.

    The check character is that of GB 11643-1999, ISO 7064 MOD 11-2; numbers of 15 digits have none.

    >>> is_identity_number("11010519491231002X"), is_identity_number("110105194912310021")
    (True, False)
    """
    number = text.replace(" ", "").replace("-", "").upper()
    if not _REGIONS.match(number):
        return False
    if len(number) == 15:
        return is_date(f"19{number[6:12]}")
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
    # The first person of a day has 001.
    is_assigned = number[14:17] != "000"
    return is_assigned and is_date(number[6:14]) and _CHECK_CHARACTERS[total % 11] == number[17]


def is_mail_address(text: str) -> bool:
    """Whether a string like an e-mail address can be that of a person.

    >>> is_mail_address("zhang@example.com"), is_mail_address("git@example.com"), is_mail_address("li@PC.lan")
    (True, False, False)
    >>> is_mail_address("yourname@gmail.com"), is_mail_address("xxx@xxx.com")
    (False, False)
    """
    name, _, domain = text.lower().partition("@")
    if name in _NO_NAMES or _PLACEHOLDER_NAME.fullmatch(name) or _PLACEHOLDER_DOMAIN.match(domain):
        return False
    return domain not in _ALGORITHMS and domain.rpartition(".")[2] not in _LOCAL_DOMAINS


def has_luhn_digit(digits: str) -> bool:
    """Whether the last digit is the check digit of the others, by ISO/IEC 7812-1 (Luhn).

    >>> has_luhn_digit("6222021001111222334"), has_luhn_digit("6222021001111222335")
    (True, False)
    """
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_bank_card(text: str) -> bool:
    """Whether a string is the number of a bank card: the prefix and length of an issuer, and the check digit.

    >>> is_bank_card("6222 0210 0111 1222 334"), is_bank_card("1222 0210 0111 1222 337")
    (True, False)
    """
    digits = keep_digits(text)
    return _CARDS.fullmatch(digits) is not None and has_luhn_digit(digits)


def is_mobile_number(text: str) -> bool:
    """Whether a string is the number of a mobile phone in mainland China, and no example of one.

    >>> is_mobile_number("+86 138-1234-5678"), is_mobile_number("18888888888")
    (True, False)
    """
    digits = keep_digits(text)[-11:]
    if len(set(digits)) < _FEWEST_DIGITS or _REPEATED_DIGIT.search(digits):
        return False
    return _MOBILE.fullmatch(digits) is not None


def is_qq_number(text: str) -> bool:
    """Whether digits after the word can be the number of an account or a group of QQ: no day, and no example.

    >>> is_qq_number("123456789"), is_qq_number("20240615"), is_qq_number("11111111")
    (True, False, False)
    """
    return len(set(text)) >= _FEWEST_DIGITS and not (len(text) == _DIGITS_OF_DAY and is_date(text))


def is_landline_number(text: str) -> bool:
    """Whether a string is the number of a landline with its area code, which it divides by more than blanks.

    Blanks also divide the cells of a table, so that then the area must have numbers of this length: eight
    digits in the largest cities, elsewhere those of the number plan.

    >>> is_landline_number("0571-87654321"), is_landline_number("0571 87654321")
    (True, True)
    >>> is_landline_number("010 80025694"), is_landline_number("010 8002569")
    (True, False)
    >>> is_landline_number("0861 9405 0861"), is_landline_number("010-2024-0615")
    (False, False)
    """
    if (day := _YEAR_AND_DAY.search(text)) and is_date(keep_digits(day[0])):
        return False
    is_divided = not text.replace(" ", "").isdigit()
    is_whole = is_divided or _LARGE_CITY.fullmatch(text) is not None
    return is_whole or is_phone_number(keep_digits(text), "CN")


@cache
def is_phone_number(text: str, region: str) -> bool:
    """Whether a number exists in the number plan of a region (CN, TW, HK), by libphonenumber.

    >>> is_phone_number("13812345678", "CN"), is_phone_number("12012345678", "CN")
    (True, False)
    """
    # Imported here: most texts have no number that is worth a look at the plans.
    import phonenumbers

    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(text, region)))
    except phonenumbers.NumberParseException:
        return False


def is_ip_address(text: str, is_named: bool) -> bool:
    """Whether four numbers are the address of a host, and no number of a section or a version.

    ``is_named`` is whether the text before says that it is one.

    >>> is_ip_address("202.96.128.86", False), is_ip_address("3.2.1.4", False), is_ip_address("8.8.8.8", True)
    (True, False, True)
    >>> is_ip_address("239.255.255.255", True), is_ip_address("17.242.140.7", False)
    (False, False)
    >>> is_ip_address("192.168.56.0", False), is_ip_address("192.168.56.255", False)
    (False, False)
    """
    try:
        octets = IPv4Address(text).packed
    except AddressValueError:
        return False
    if octets[0] in _RESERVED_OCTETS or octets[0] >= _FIRST_GROUP:
        return False
    if is_named:
        return True
    if octets[3] in _NETWORK_OCTETS:
        return False
    if (shares := _SHARES.fullmatch(text)) and _LEAST_SUM <= _add_shares(shares) <= _LARGEST_SUM:
        return False
    if octets[0] > _LARGEST_SECTION:
        return True
    return any(octets[2:]) and sum(octet == 0 or octet > _LARGEST_SECTION for octet in octets) > 1


def _add_shares(shares: re.Match[str]) -> int:
    """The sum of three shares, in tenths: that of a whole is 1000, or 1 less or more after rounding."""
    return sum(10 * int(shares[group]) + int(shares[group + 1]) for group in (1, 3, 5))


def is_ipv6_address(text: str) -> bool:
    """Whether a string is the IPv6 address of a host, and no time or name of a program.

    >>> is_ipv6_address("2001:db8::8a2e:370:7334"), is_ipv6_address("12:30:45"), is_ipv6_address("D2D1::")
    (True, False, False)
    """
    try:
        address = IPv6Address(text)
    except AddressValueError:
        return False
    groups = [group for group in text.split(":") if group]
    has_host = len(groups) >= _FEWEST_GROUPS or address.is_link_local
    return has_host and any(len(group) > 2 and not group.isalpha() for group in groups)


def is_plate(text: str) -> bool:
    """Whether a string is the plate of a vehicle, by GA 36: province, office and serial.

    >>> is_plate("京A·12345"), is_plate("沪AD12345"), is_plate("新GDPABC")
    (True, True, False)
    """
    serial = re.sub(r"[^0-9A-Z\u3400-\u9fff]", "", text)[2:]
    if not serial[-1].isascii():
        return _SUFFIXED_SERIAL.fullmatch(serial[:-1]) is not None
    return _SERIAL.fullmatch(serial) is not None and "GDP" not in text


def has_house_number(text: str) -> bool:
    """Whether an address names a place and a house or room in it.

    >>> has_house_number("杭州市西湖区文三路123号"), has_house_number("杭州市西湖区")
    (True, False)
    """
    return _REGION_WORD.search(text) is not None and _HOUSE_NUMBER.search(text) is not None
