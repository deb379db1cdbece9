"""Personal data: recall by kind on 500 planted in sentences of the corpora, and every finding in clean text.

    python benchmarks/personal.py [DATA] [--count 500] [--seed 0] [--show 40]

The planted data are made from the public number plans, in the forms people write them; the generators share
no code with the step. What is found in the corpora as they are is printed with its context, to be judged by
eye.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import string
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time

from hanpack.steps.personal import find_personal_data

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
AREAS = ("010", "021", "022", "0571", "0755", "0371", "028", "0991")
MOBILES = ("133", "135", "138", "139", "150", "158", "166", "177", "186", "189", "198")
STREETS = ("文三路", "人民南路四段", "建国路", "中山东二路", "解放大道", "和平西街")
CITIES = ("浙江省杭州市西湖区", "四川省成都市武侯区", "北京市朝阳区", "上海市黄浦区", "湖北省武汉市江汉区")


def digits(source: random.Random, count: int, first: str = "0123456789") -> str:
    """``count`` random digits, the first of them one of ``first``."""
    return source.choice(first) + "".join(source.choices(string.digits, k=count - 1))


def make_identity(source: random.Random) -> tuple[str, str]:
    """An identity number in its sentence, with the data itself."""
    body = source.choice(("110101", "330106", "440305", "510107", "420103", "650102"))
    body += (
        f"{source.randint(1940, 2009)}{source.randint(1, 12):02}{source.randint(1, 28):02}{digits(source, 3)}"
    )
    number = body + "10X98765432"[sum(w * int(d) for w, d in zip(WEIGHTS, body, strict=True)) % 11]
    return source.choice(("身份证号：{}", "（公民身份号码{}）", "证件号码 {}，", "{}")), number


def make_mobile(source: random.Random) -> tuple[str, str]:
    """A mobile number in one of its forms."""
    head, middle, tail = source.choice(MOBILES), digits(source, 4), digits(source, 4)
    form = source.choice(("{}{}{}", "{}{}{}", "{}-{}-{}", "{} {} {}", "+86 {}{}{}", "+86-{}-{}-{}"))
    return source.choice(("手机：{}", "联系电话{}。", "请拨打{}咨询", "微信同号 {}")), form.format(
        head, middle, tail
    )


def make_landline(source: random.Random) -> tuple[str, str]:
    """A landline number with its area code, or after the word for it."""
    area = source.choice(AREAS)
    number = digits(source, 7 if area == "0991" else 8, "2345678")
    form = source.choice(("{}-{}", "（{}）{}", "({}){}", "{} {}"))
    if source.random() < 0.2:
        return "电话：{}。", number
    return source.choice(("电话：{}", "传真 {}", "办公室{}，")), form.format(area, number)


def make_card(source: random.Random) -> tuple[str, str]:
    """The number of a bank card, in groups or not."""
    body = source.choice(("622202", "621700", "622848", "621661")) + digits(source, 12)
    total = sum(sum(map(int, str(int(d) * (2 - i % 2)))) for i, d in enumerate(reversed(body)))
    number = body + str(-total % 10)
    if source.random() < 0.4:
        number = " ".join(number[start : start + 4] for start in range(0, len(number), 4))
    return source.choice(("卡号：{}", "汇入{}账户", "工商银行 {}")), number


def make_passport(source: random.Random) -> tuple[str, str]:
    """A Chinese passport after its word."""
    return source.choice(("护照号：{}", "护照号码 {}", "持护照{}出境")), source.choice("EG") + digits(
        source, 8
    )


def make_plate(source: random.Random) -> tuple[str, str]:
    """The plate of a car, of an electric car, or with a dot."""
    head = source.choice("京沪浙粤川鄂苏鲁") + source.choice("ABCDEFGH")
    serials = (
        digits(source, 5),
        f"{source.choice('ABCDEFGHJK')}{digits(source, 4)}",
        f"D{digits(source, 5)}",
    )
    return source.choice(("驾驶{}小型轿车", "车牌号{}", "牌号为{}的")), head + source.choice(
        ("", "·")
    ) + source.choice(serials)


def make_mail(source: random.Random) -> tuple[str, str]:
    """An e-mail address."""
    name = "".join(source.choices(string.ascii_lowercase, k=5)) + source.choice(("", ".li", "_01", "2024"))
    domain = source.choice(("qq.com", "163.com", "example.com.cn", "mail.gov.cn", "pku.edu.cn"))
    return source.choice(("邮箱：{}", "请发至{}，", "Email: {}")), f"{name}@{domain}"


def make_address(source: random.Random) -> tuple[str, str]:
    """A home address in a register or a judgment."""
    place = f"{source.choice(CITIES)}{source.choice(STREETS)}{source.randint(1, 400)}号"
    place += source.choice(("", "2幢301室", "3单元502室", "院5号楼1201室"))
    return source.choice(
        ("家庭住址：{}", "张某，男，1980年1月1日出生，汉族，住{}。", "姓名：李四 住址：{}")
    ), place


def make_ip(source: random.Random) -> tuple[str, str]:
    """An IPv4 or IPv6 address."""
    if source.random() < 0.3:
        return "地址 {} 。", "2001:db8:" + ":".join(f"{source.randint(4096, 65535):x}" for _ in range(6))
    first = source.choice((36, 58, 61, 101, 114, 123, 180, 202, 218, 223))
    return source.choice(("IP地址：{}", "来自 {} 的请求", "登录IP为{}")), f"{first}." + ".".join(
        str(source.randint(1, 254)) for _ in range(3)
    )


def make_qq(source: random.Random) -> tuple[str, str]:
    """The number of an account or a group of QQ after its word."""
    return source.choice(("QQ：{}", "加QQ群{}", "客服QQ:{}，", "扣扣 {}")), digits(
        source, source.choice((8, 9, 10)), "2345678"
    )


def make_token(source: random.Random) -> tuple[str, str]:
    """An access token of a well-known service."""
    letters = string.ascii_letters + string.digits
    prefix, count = source.choice((("sk-", 40), ("ghp_", 36), ("hf_", 34), ("AKIA", 16)))
    body = source.choices(letters.upper() if prefix == "AKIA" else letters, k=count - 1)
    return source.choice(
        ("api_key={}", "密钥：{}", 'token: "{}"')
    ), f"{prefix}{''.join(body).replace('_', 'a')}7"


GENERATORS: dict[str, Callable[[random.Random], tuple[str, str]]] = {
    "identity number": make_identity,
    "mobile number": make_mobile,
    "landline number": make_landline,
    "bank card": make_card,
    "passport": make_passport,
    "vehicle plate": make_plate,
    "e-mail": make_mail,
    "home address": make_address,
    "IP address": make_ip,
    "access token": make_token,
    "QQ number": make_qq,
}


def read_texts(data: Path) -> Iterator[tuple[str, str]]:
    """The texts of the corpora and of the texts that must stay as they are, with the names of their files."""
    for path in sorted((data / "corpora").glob("*.jsonl.gz")):
        for line in gzip.decompress(path.read_bytes()).decode("utf-8").splitlines():
            yield path.name, json.loads(line)["text"]
    for path in sorted((data / "no_harm").rglob("*")):
        if path.is_file():
            yield path.name, path.read_text(encoding="utf-8", errors="replace")


def main() -> None:
    """Print recall by kind, then what is found in clean text."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, nargs="?", default=DATA)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=40)
    options = parser.parse_args()
    texts = list(read_texts(options.data))
    source = random.Random(options.seed)
    planted, recalled = Counter[str](), Counter[str]()
    kinds = list(GENERATORS)
    for number in range(options.count):
        kind = kinds[number % len(kinds)]
        sentence, data = GENERATORS[kind](source)
        text = source.choice(texts)[1]
        place = text.find("。", source.randrange(len(text))) + 1
        full = text[max(0, place - 400) : place] + sentence.format(data) + "\n" + text[place : place + 400]
        planted[kind] += 1
        exact = {(item.kind.name, full[item.start : item.end]) for item in find_personal_data(full)}
        if (kind, data) in exact:
            recalled[kind] += 1
        else:
            print(f"missed: {kind}: {sentence.format(data)}  found: {exact}")
    for kind in kinds:
        print(f"{kind:16} {recalled[kind]:4} of {planted[kind]}")
    print(f"recall {recalled.total() / planted.total():.4f} of {planted.total()}")
    by_kind: dict[str, list[str]] = defaultdict(list)
    start = process_time()
    for name, text in texts:
        for item in find_personal_data(text):
            before, after = text[max(0, item.start - 20) : item.start], text[item.end : item.end + 10]
            context = f"{before}【{text[item.start : item.end]}】{after}"
            by_kind[item.kind.name].append(f"{name[:20]:20} {context!r}")
    megabytes = sum(len(text.encode("utf-8", "replace")) for _, text in texts) / 1e6
    print(f"{(process_time() - start) * 1000 / megabytes:.1f} ms a MB on {megabytes:.0f} MB of clean text")
    for kind, lines in by_kind.items():
        print(f"{kind}: {len(lines)}")
        for line in source.sample(lines, min(options.show, len(lines))):
            print("   ", line)


if __name__ == "__main__":
    main()
