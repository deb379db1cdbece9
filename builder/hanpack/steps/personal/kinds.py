"""KINDS: the table of all kinds of personal data, with the pattern, the check and examples of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hanpack.steps.personal.checks import (
    HOUSE_WORDS,
    has_house_number,
    is_bank_card,
    is_date,
    is_identity_number,
    is_ip_address,
    is_ipv6_address,
    is_landline_number,
    is_mail_address,
    is_mobile_number,
    is_phone_number,
    is_plate,
    is_qq_number,
    keep_digits,
)
from hanpack.steps.personal.tokens import ACCESS_TOKENS

_START = r"(?<![0-9A-Za-z._])(?<![0-9]-)"
_END = r"(?![0-9A-Za-z]|[.,][0-9])"
# After the number of a landline another may follow, and the number of a telephone within the house.
_PHONE_END = r"(?![0-9A-Za-z]|\.[0-9]|,(?![0-9]{7})[0-9])"
_EXTENSION = r"(?:-| ?(?:转|轉|分机|分機) ?|[ ,]?[Ee]xt\.? ?)"
_PREFIX = r"(?:[(（]?\+?(?:00)?86[)）]?[- ]?)?"
_NO_UNIT = (
    r"(?! ?(?:元|万|萬|亿|億|吨|噸|千瓦|人|户|戶|亩|畝|平方|公里|米|股|手(?![机機])|份|件|张|張|%|％|‰"
    r"|[Bb]ytes|bits|packets|ticks))"
)
_AREA = "(?:10|2[0-9]|[3-9][0-9]{2})"
_GAP = r"(?:号码|號碼|号|號)?[ :：为為是]{0,3}"
# Groups of digits that stand among others are cells of a table.
_ALONE_BEFORE, _ALONE_AFTER = "(?<![0-9] )", "(?![ -][0-9])"
_IP_START, _IP_END = (
    r"(?<![0-9A-Za-z.])(?<![A-Za-z]/)(?<![A-Za-z]\\/)",
    r"(?![0-9A-Za-z]|\.[0-9]|\.in-addr|[\"'”’」）) ]{0,2}版)",
)
_VERSION = r"(?:(?:版(?:本号?|本號?)?|套件|[Vv]ersion)[\"']?[ :：=]{0,3}[\"']?|[=~<>!]=)$"
_URL = r"://[^\s<>()\"'\u3000-\uffff]*"
# The key of an identifier in code, as in threadId:"17618916761".
_IDENTIFIER = r"(?:[a-z]I[dD]|_id|[\"'{,& ]id)[\"']?[ ]?[:=][ ]?[\"']?$"
_IN_URL = rf"{_URL}(?<!tel=)(?<!phone=)(?<!mobile=)$"
_PHONE_WORD = (
    r"(?:电话|電話|手机|手機|传真|傳真|座机|座機|热线|熱線|[Tt][Ee][Ll]|[Ff][Aa][Xx]|联系方式|聯絡方式)"
    rf"{_GAP}[.：: ]{{0,2}}"
)
# Each of these words has one of them.
_PHONE_LETTERS = frozenset("话話机機真线線式LlXx")
# The words before the number of an account or a group of QQ; at most twelve characters are between them. Each
# begins with a character, not with a condition: then a search passes over all others at once.
_QQ_WORD = (
    r"(?:Q ?[Qq]|q[Qq]|Q(?<![A-Za-z]Q)(?=群)|q(?<![A-Za-z]q)(?=群)|扣扣|企鹅(?=群|号))"
    r"(?:在线|官方|客服|咨询|谘詢|联系|聯絡|交流|讨论|討論|工作){0,3}(?:群组|群組|群)?(?:号码|號碼|号|號)?"
    r"(?:[/／、或（(]{1,2}(?:微信|[Vv][Xx])(?:同号)?[)）]?)?[ :：为為是（(]{0,3}"
)
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼滬雲遼魯蘇贛陝閩貴粵寧瓊晉"
_OF_A_PERSON = (
    "家庭住址|家庭地址|家庭住所|现住址|現住址|现居住地|現居住地"
    "|住址|户籍地址|戶籍地址|户籍所在地|戶籍所在地|户籍地|戶籍地|收货地址|收貨地址"
)
_OF_ANYBODY = "住所地|住所|现住|現住|住"
# The words with which the pattern of addresses begins.
ADDRESS_WORDS = (*_OF_A_PERSON.split("|"), *_OF_ANYBODY.split("|"))
# What precedes the address of a person in a register or a judgment: sex, people, birth, identity number.
_PERSON = r"(?:[男女]|族|出生|生于|生於|日生|身份证|身份證|证号)[^。\n]{0,60}$"
_IS = "[ ：:为為在是于於]{0,3}"
# Each part of an address ends in a word of a house; no part gives a character back to the next, so that the
# search is linear.
_ADDRESS = (
    rf"(?>(?>[^，。；;、\s：:（）(){HOUSE_WORDS}]| (?=[0-9])|(?<=[0-9]) ){{1,40}}+[{HOUSE_WORDS}]++){{1,8}}+"
    # The number of a room without its word.
    r"(?:(?<=[栋棟幢座楼樓元])[0-9]{3,4}+(?![0-9A-Za-z年月日]))?"
)


@dataclass(frozen=True, slots=True)
class PersonalKind:
    """A kind of personal data.

    ``pattern`` has one group, the data itself, and what must stand around it. ``hint``, if there is
    one, must match the end of the up to 100 characters before the data, ``counter_hint`` must not.
    ``is_valid`` decides on the matched data, which contains ``sign``, at least ``least_digits`` digits, a
    Latin letter if it ``has_letters``, and a mark between digits if it ``has_marks``, and is in a run of at
    least ``least_characters`` letters, digits and marks; what matches ``hint`` has one of ``hint_letters``:
    what does not is not searched for it. ``placeholder`` is what replaces it on request. Of ``example`` the
    part in the group is of this kind; ``counter_example`` has none.
    """

    name: str
    placeholder: str
    pattern: str
    example: str
    counter_example: str
    is_valid: Callable[[str], bool] = bool
    hint: str = ""
    counter_hint: str = ""
    sign: str = ""
    least_characters: int = 0
    least_digits: int = 0
    has_letters: bool = False
    has_marks: bool = False
    hint_letters: frozenset[str] = frozenset()

    @property
    def is_address(self) -> bool:
        """Whether it is written in words, not in digits and letters."""
        return self.name == "home address"


# Of kinds that match the same characters the first in the table holds.
KINDS = (
    PersonalKind(
        "access token",
        "<ACCESS_TOKEN>",
        rf"({ACCESS_TOKENS})",
        "key=ghp_0123456789abcdefghijABCDEFGHIJ012345",
        "class=sk-fading-circle-with-a-long-name",
        is_valid=lambda text: any(map(str.isdigit, text)),
        least_characters=16,
        has_letters=True,
    ),
    PersonalKind(
        "e-mail",
        "<EMAIL>",
        # Not after the @ of an account @name@server; in code it may follow an escape, as in \tname@….
        r"(?:(?<![0-9A-Za-z._%+@\\-])|(?<=\\[nrt])|(?<=\\u[0-9A-Fa-f]{4}))"
        r"([0-9A-Za-z_][0-9A-Za-z._%+-]{0,63}@(?:[0-9A-Za-z][0-9A-Za-z-]{0,62}\.){1,6}"
        # After the last name no path, as in git@github.com:owner/repo and root@host.example:/tmp, and no
        # folder of a shell's prompt, as in [root@host.example ~]#.
        r"(?!(?:png|jpe?g|gif|webp|svg|css|js)\b)[A-Za-z]{2,24})"
        r"(?![0-9A-Za-z_-]|\.[A-Za-z]|:[\w.~-]*/| [\w.~/-]+\][#$])",
        "邮箱：zhang.san@example.com.cn。",
        "git clone ssh://git@example.com",
        is_valid=is_mail_address,
        # An account or a message in a URL, and the account of a server after a command.
        counter_hint=rf"(?<!mailto){_URL}(?<!mail=)(?<!to=)$|\b(?:ssh|scp|sftp|rsync|mosh)[ \t][^\n|;&]*$",
        sign="@",
    ),
    PersonalKind(
        "identity number",
        "<IDENTITY_NUMBER>",
        r"(?<![0-9A-Za-z])([1-8][0-9]{5}[ -]?(?:18|19|20)[0-9]{2}[01][0-9][0-3][0-9][ -]?[0-9]{3}[0-9Xx])"
        r"(?![0-9A-Za-z])",
        "身份证号11010519491231002X",
        "编号110105194912310021",
        is_valid=is_identity_number,
        least_digits=17,
    ),
    PersonalKind(
        "identity number",
        "<IDENTITY_NUMBER>",
        r"(?<![0-9A-Za-z])([1-8][0-9]{7}[01][0-9][0-3][0-9]{4})(?![0-9A-Za-z])",
        "身份证号码：110105491231002",
        "流水号110105491231002",
        is_valid=is_identity_number,
        hint=r"(?:身份证|身份證|证件|證件)[^0-9。\n]{0,12}$",
        least_digits=15,
    ),
    PersonalKind(
        "mobile number",
        "<MOBILE_NUMBER>",
        rf"(?:{_START}|(?<=[Tt]el)|(?<=TEL)|(?<=QQ)|(?<=[Vv]x)|(?<=wx))"
        rf"({_PREFIX}(?:1[3-9][0-9]{{9}}|{_ALONE_BEFORE}1[3-9][0-9](?:[- ][0-9]{{4}}[- ]?[0-9]{{4}}"
        rf"|[0-9]{{4}}[- ][0-9]{{4}}|[0-9][- ][0-9]{{3}}[- ][0-9]{{4}}"
        rf"|\.[0-9]{{4}}\.[0-9]{{4}}){_ALONE_AFTER})){_END}{_NO_UNIT}",
        "手机138-1234-5678",
        "总额13812345678元",
        is_valid=is_mobile_number,
        counter_hint=rf"{_IN_URL}|{_IDENTIFIER}",
        least_digits=11,
    ),
    PersonalKind(
        "mobile number",
        "<MOBILE_NUMBER>",
        rf"{_START}((?:\+886[- ]?)?0?9[0-9]{{2}}-?[0-9]{{3}}-?[0-9]{{3}}){_END}",
        "行動電話：0912-345-678",
        "编号 0912-345-678",
        is_valid=lambda text: is_phone_number(text, "TW"),
        hint=rf"(?:{_PHONE_WORD}|\+886[- ]?)$",
        least_digits=9,
        hint_letters=_PHONE_LETTERS | {"+"},
    ),
    PersonalKind(
        "mobile number",
        "<MOBILE_NUMBER>",
        rf"{_START}(\+85[23][- ]?[0-9]{{4}}[- ]?[0-9]{{4}}){_END}",
        "WhatsApp +852 9123 4567",
        "差额+852 0000 0000",
        is_valid=lambda text: is_phone_number(text, "HK"),
        sign="+85",
        least_digits=11,
    ),
    PersonalKind(
        "QQ number",
        "<QQ_NUMBER>",
        rf"(?:{_START}|(?<=[Qq]{{2}}))([1-9][0-9]{{6,10}}){_END}{_NO_UNIT}",
        "加QQ：123456789咨询",
        "手机QQ20240615版",
        is_valid=is_qq_number,
        hint=rf"{_QQ_WORD}$",
        least_digits=7,
        hint_letters=frozenset("Qq扣鹅"),
    ),
    PersonalKind(
        "bank card",
        "<BANK_CARD>",
        rf"{_START}({_ALONE_BEFORE}[3-69][0-9]{{3}}([- ])[0-9]{{4}}\2[0-9]{{4}}\2[0-9]{{4}}"
        rf"(?:\2?[0-9]{{1,3}})?{_ALONE_AFTER}|6[0-9]{{5}}[- ][0-9]{{10,13}}"
        rf"|6[0-9]{{15}}(?:[0-9]{{3}})?){_END}{_NO_UNIT}",
        "汇入6222 0210 0111 1222 334",
        "订单6222 0210 0111 1222 335",
        is_valid=is_bank_card,
        least_digits=16,
    ),
    PersonalKind(
        "bank card",
        "<BANK_CARD>",
        rf"{_START}([2-69][0-9]{{14,18}}){_END}",
        "信用卡号4111111111111111",
        "序列号4111111111111111",
        is_valid=is_bank_card,
        hint=r"(?:卡|账[号户]|账户|帐[号户]|帳[號戶]|[Cc]ard|VISA|Visa)[^0-9。\n]{0,20}$",
        least_digits=15,
    ),
    PersonalKind(
        "landline number",
        "<LANDLINE_NUMBER>",
        rf"{_START}({_PREFIX}(?:(?:[(（]0|(?<=86)[(（]|(?<=86[- ])[(（]){_AREA}[)）][- ]?"
        rf"|0{_AREA}[-—－ ]{{1,2}}|(?<=86-){_AREA}-|(?<=86[)）]){_AREA}-)"
        rf"[2-9][0-9]{{2,3}}[- ]?[0-9]{{4}}(?:{_EXTENSION}[0-9]{{1,6}})?){_PHONE_END}",
        "咨询（0571）87654321",
        "0861 9405 0861",
        is_valid=is_landline_number,
        least_digits=8,
        has_marks=True,
    ),
    PersonalKind(
        "landline number",
        "<LANDLINE_NUMBER>",
        rf"{_START}(\(0[2-9]\) ?[2-9][0-9]{{2,3}}[- ]?[0-9]{{4}}|0[2-8]-[2-9][0-9]{{2,3}}-?[0-9]{{4}}){_END}",
        "電話(02)2312-3456",
        "第(02)0000-0000号",
        is_valid=lambda text: is_phone_number(keep_digits(text), "TW"),
        least_digits=8,
        has_marks=True,
    ),
    PersonalKind(
        "landline number",
        "<LANDLINE_NUMBER>",
        rf"{_START}(0{_AREA}[2-9][0-9]{{6,7}}|[2-9][0-9]{{6,7}}{_EXTENSION}[0-9]{{2,4}}"
        rf"|[2-9][0-9]{{2,3}}[- ]?[0-9]{{4}})(?!-[0-9]){_PHONE_END}{_NO_UNIT}",
        "联系电话：87654321",
        "电话：20240615",
        is_valid=lambda text: not is_date(keep_digits(text)),
        hint=rf"{_PHONE_WORD}$",
        least_digits=7,
        hint_letters=_PHONE_LETTERS,
    ),
    PersonalKind(
        "landline number",
        "<LANDLINE_NUMBER>",
        # Numbers of the whole country; they begin as prices and lengths do.
        rf"{_START}([48]00[- ]?[0-9]{{3}}[- ]?[0-9]{{4}}|400[- ][0-9]{{4}}[- ][0-9]{{3}}"
        rf"|400[0-9]-[0-9]{{3}}-[0-9]{{3}}){_END}{_NO_UNIT}",
        "客服热线：400-810-6666",
        "长400-810-6666",
        hint=rf"(?:{_PHONE_WORD}|(?:客服|咨询|諮詢|拨打|撥打|致电|致電)[：: ]{{0,2}})$",
        least_digits=10,
        hint_letters=_PHONE_LETTERS | frozenset("服询詢打电電"),
    ),
    PersonalKind(
        "passport",
        "<PASSPORT>",
        rf"(?<![0-9A-Za-z])([CHM](?:[A-Z][0-9]{{7}}|[0-9]{{8}}(?:[0-9]{{2}})?)|[0-9]{{8}}(?:[0-9]{{2}})?)"
        rf"(?![0-9A-Za-z]){_NO_UNIT}",
        "港澳通行证号码：C12345678",
        "通行证20240615",
        is_valid=lambda text: not (text.isdigit() and is_date(text)),
        hint=r"(?:通行证|通行證|台胞证|台胞證|回乡证|回鄉證)(?:号码|號碼|号|號)?[ :：为為是（(]{0,3}$",
        least_digits=7,
        hint_letters=frozenset("证證"),
    ),
    PersonalKind(
        "passport",
        "<PASSPORT>",
        r"(?<![0-9A-Za-z])([A-Zeg][0-9A-Z]?[0-9]{6,8}|[A-Z][0-9]{4} [0-9]{4}|[0-9]{9})(?![0-9A-Za-z])",
        "护照号码：E12345678",
        "护照厅2024年签发E12345678件",
        hint=r"(?:护照|護照|[Pp]assport)[ ，,（(]{0,2}(?:号码|號碼|号|號|[Nn][Oo]\.?|[Nn]umber)?"
        r"[ :：为為是（(]{0,3}$",
        least_digits=6,
        hint_letters=frozenset("照Pp"),
    ),
    PersonalKind(
        "vehicle plate",
        "<VEHICLE_PLATE>",
        # 京津冀A is no plate of 冀.
        rf"(?<![{_PROVINCES}])([{_PROVINCES}][A-HJ-NP-Z][ ·•・-]?"
        r"(?:[0-9A-HJ-NP-Z]{5,6}|[0-9A-HJ-NP-Z]{4}[挂掛学學警港澳使领領]))(?![0-9A-Za-z-])",
        "驾驶浙A·12345小型轿车",
        "浙B2-20080224",
        is_valid=is_plate,
        has_letters=True,
    ),
    PersonalKind(
        "IP address",
        "<IP_ADDRESS>",
        rf"{_IP_START}((?:[2-9][0-9]|[12][0-9]{{2}})(?:\.[0-9]{{1,3}}){{3}}){_IP_END}",
        "来自 202.96.128.86 的访问",
        "版本 202.96.128.86",
        is_valid=lambda text: is_ip_address(text, is_named=False),
        counter_hint=_VERSION,
        sign=".",
        least_digits=5,
    ),
    PersonalKind(
        "IP address",
        "<IP_ADDRESS>",
        rf"{_IP_START}((?:1?[0-9])(?:\.[0-9]{{1,3}}){{3}}){_IP_END}",
        "来自 10.96.128.86 的访问",
        "第3.2.1.4节",
        is_valid=lambda text: is_ip_address(text, is_named=False),
        # After a word of Latin letters small numbers are a version: OpenSSL 1.0.2.23, Copy 2000 7.0.0.155.
        counter_hint=rf"{_VERSION}|[A-Za-z][ \t|]+(?:[0-9]+[ \t]+)?$",
        sign=".",
        least_digits=4,
    ),
    PersonalKind(
        "IP address",
        "<IP_ADDRESS>",
        r"(?<![0-9A-Za-z.])((?:[0-9]{1,3}\.){3}[0-9]{1,3})(?![0-9A-Za-z]|\.[0-9])",
        "IP地址：8.8.8.8",
        "图 8.8.8.8",
        is_valid=lambda text: is_ip_address(text, is_named=True),
        hint=r"(?:IP|ip|Ip)(?:地址|位址|v4)?[ :：为為是]{0,3}$",
        sign=".",
        least_digits=4,
    ),
    PersonalKind(
        "IP address",
        "<IP_ADDRESS>",
        r"(?<![0-9A-Za-z:.])((?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4})(?![0-9A-Za-z:])",
        "2001:db8:85a3::8a2e:370:7334",
        "时间 12:30:45",
        is_valid=is_ipv6_address,
        sign=":",
    ),
    PersonalKind(
        "home address",
        "<HOME_ADDRESS>",
        rf"(?:{_OF_A_PERSON}|{_OF_ANYBODY}){_IS}({_ADDRESS})",
        "张某，男，汉族，1980年1月1日出生，住浙江省杭州市西湖区文三路123号。",
        "住所地浙江省杭州市西湖区文三路123号，法定代表人张某。",
        is_valid=has_house_number,
        hint=rf"(?:{_OF_A_PERSON}){_IS}$|{_PERSON}",
    ),
)
