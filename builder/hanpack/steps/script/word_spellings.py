"""Words that Taiwan writes in one way: their other spellings and false ones, replaced.

A character with several forms is chosen by its neighbours (:mod:`.forms`), so that one word may come out in
two ways. The counts are of the sources of benchmarks/learn_forms.py: in official texts, then in others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hanpack.lazy_patterns import compile_lazily

Register = Literal["any", "official"]


@dataclass(frozen=True, slots=True)
class WordSpelling:
    """Writes ``replaced`` as ``spelling``, of the same length, where ``pattern`` matches it.

    In ``example`` it is replaced, in ``counter_example`` it stays, as its characters are of other words.
    """

    replaced: str
    spelling: str
    pattern: re.Pattern[str]
    register: Register
    example: str
    counter_example: str


def _spell(
    replaced: str,
    spelling: str,
    *,
    not_after: str = "",
    not_before: str = "",
    after: str = "",
    before: str = "",
    register: Register = "any",
    counter_example: str = "",
) -> WordSpelling:
    """The spelling of a word but after or before the characters given, or only after or before them."""
    pattern = "".join(
        (
            # The word is first: a pattern that begins with a look-behind is searched slowly.
            replaced,
            f"(?<![{not_after}]{replaced})" if not_after else "",
            f"(?<=[{after}]{replaced})" if after else "",
            f"(?![{not_before}])" if not_before else "",
            f"(?=[{before}])" if before else "",
        )
    )
    example = f"{after[:1]}{replaced}{before[:1]}"
    return WordSpelling(replaced, spelling, compile_lazily(pattern), register, example, counter_example)


def _spell_all(pairs: str, register: Register = "any") -> Sequence[WordSpelling]:
    """Spellings of words that no other words have in them; a pair is written without a blank."""
    return tuple(
        _spell(pair[: len(pair) // 2], pair[len(pair) // 2 :], register=register) for pair in pairs.split()
    )


_HAIR = "理美頭毛白黑長短假金秀植染燙護洗落脫鬚鬢"
_STANDARDS = "標水基精校對瞄"
_DRIED_FOODS = (
    "豆腐",
    "蘑菇",
    "海參",
    "蝦",
    "香菇",
    "木耳",
    "辣椒",
    "花椒",
    "鮑魚",
    "魷魚",
    "海帶",
    "紅棗",
    "桂圓",
    "荔枝",
)
_PEOPLE_AND_POSTS = "構員額組事業超定總滿空缺核內增減"

# False in every text: most are parts of two words, which OpenCC takes for one.
CERTAIN_SPELLINGS: Sequence[WordSpelling] = (
    WordSpelling(
        "髮",
        "發",
        compile_lazily("髮(?<=[看愛保維監救辯守]護髮)(?![質絲根色型梢際膜素霜油品])"),
        "any",
        "看護髮燒的人",
        "保護髮質",
    ),
    WordSpelling(
        "髮",
        "發",
        compile_lazily(
            "髮(?<=[校市部縣局行會院團組班社課處廳省州鄉鎮隊艦館所站店船酋區科庭書事村家延增生成特擅]長髮)(?![型廊絲披飄及夾髻垂])"
        ),
        "any",
        "校長髮表",
        "校長髮型",
    ),
    _spell("髮生", "發生", not_after=_HAIR, not_before="長", counter_example="理髮生意"),
    _spell("髮票", "發票", not_after=_HAIR, counter_example="理髮票券"),
    _spell("嚮", "向", not_before="往導慕", counter_example="嚮往與嚮導"),
    _spell("嚮導", "向導", before="線航彈管體電師致入", counter_example="嚮導帶路"),
    _spell("籤", "簽", not_after="標抽書牙竹中求封題", before="約發收字註注派認", counter_example="標籤發放"),
    _spell("籤", "簽", not_after="標", before="訂署", counter_example="標籤署名"),
    _spell("證書籤", "證書簽"),
    _spell("書籤收", "書簽收", not_before="藏集納", counter_example="書籤收藏"),
    _spell("一並", "一併", not_after="唯統", not_before="不非未無沒", counter_example="唯一並存"),
    _spell("簽注", "簽註"),
    _spell("製定", "制定"),
    _spell("製度", "制度", not_before="假", counter_example="研製度假用品"),
    _spell("制造", "製造", not_after="機限控體管強抑法", not_before="成就", counter_example="機制造成"),
    _spell("曆史", "歷史", not_after="年", counter_example="年曆史話"),
    _spell("適于", "適於"),
    _spell("采", "採", after="超開盜濫私禁限", not_before="邑", counter_example="風采"),
    _spell("采", "採", not_after="風神丰文異喝精光", before="取掘光集購煤礦砂", counter_example="文采光華"),
    _spell("通風采光", "通風採光"),
    _spell("誌向", "志向"),
    _spell("捲宗", "卷宗"),
    # A struggle in which nobody gains, but inner files of an investigation.
    _spell("內卷", "內捲", not_after="查察審訴域區轄院", not_before="宗第", counter_example="偵查內卷"),
    _spell("水錶面", "水表面"),
    _spell("標志", "標誌", not_before="向願氣", counter_example="目標志向"),
    _spell("複議", "復議", not_after="反", counter_example="反複議論"),
    _spell("準運", "准運", not_after="標水基精校", counter_example="標準運動"),
    _spell("準入", "准入", not_after="標水基精對瞄", counter_example="標準入門"),
    _spell("不準", "不准", before="㐀-鿿", not_before="確時備則點繩頭性的了嗎", counter_example="不準確"),
    _spell("標准", "標準"),
    _spell("刻制", "刻製", not_after="立即時深此", counter_example="立刻制止"),
    _spell("征求", "徵求", not_after="出遠長", counter_example="遠征求勝"),
    _spell("干淨", "乾淨", not_after="若", counter_example="若干淨額"),
    _spell("乾道", "幹道", not_before="年元初中末二三四五六七八九", counter_example="乾道年間"),
    _spell("併聯", "並聯"),
    _spell("併排", "並排", not_after="一", not_before="除放查", counter_example="一併排除"),
    _spell("錶現", "表現"),
    _spell("鐘表", "鐘錶"),
    _spell("指明瞭", "指明了"),
    _spell("提昇", "提升"),
    _spell("拚搏", "拼搏"),
    _spell("查乾湖", "查干湖"),
    _spell("查幹湖", "查干湖"),
    _spell("標對錶", "標對表"),
    _spell("巴爾干", "巴爾幹"),
    _spell("弔銷", "吊銷"),
    _spell("途逕", "途徑"),
    _spell("征得", "徵得", not_after="出遠長親", counter_example="遠征得勝"),
    _spell("緻人", "致人", not_after="精細別標景雅", counter_example="標緻人物"),
    _spell("翫忽", "玩忽"),
    _spell("乾線", "幹線", not_after="烘晒曬晾風吹", counter_example="烘乾線"),
    _spell("乾渠", "幹渠"),
    _spell("干渠", "幹渠"),
    _spell("干流", "幹流", not_after="若", counter_example="若干流派"),
    _spell("干支流", "幹支流", not_after="若", counter_example="若干支流"),
    _spell("併處", "並處", not_after="合歸裁兼吞整", counter_example="合併處理"),
    *_spell_all(
        """髮展發展 髮育發育 髮揚發揚 髮揮發揮 髮呆發呆 髮霉發霉 髮黴發霉 幹預干預 乾預干預
聯系聯繫 維系維繫 負責製負責制 麴面曲面 鬆樹松樹 鬆林松林 覆雜複雜 隻讀只讀 搧風機扇風機
鬨搶哄搶 錶觀表觀 週某周某 事業編製事業編制 注冊註冊 讚助贊助 贊賞讚賞 贊美讚美 巡回巡迴
聯係聯繫"""
    ),
    _spell("關註", "關注", not_before="銷冊釋記", counter_example="機關註銷"),
    _spell("休假髮生", "休假發生"),
    *_spell_all("髮卡行發卡行 錶決表決"),
    _spell("重復", "重複", not_before="興得位原甦見", counter_example="重復原位"),
    _spell("財產製", "財產制", not_before="造作品", counter_example="財產製造"),
    _spell("准保護區", "準保護區"),
    _spell("執行迴轉", "執行回轉"),
    _spell("緻使", "致使", not_after="精細別標景雅", counter_example="細緻使人"),
    _spell("髮現", "發現", not_after=_HAIR, counter_example="長髮現在"),
    _spell("關系", "關係", not_before="統列主科", counter_example="機關系統"),
    WordSpelling(
        "只",
        "隻",
        compile_lazily(
            "只(?<=[一二兩三四五六七八九十百千幾數每]只)(?<![唯專統單第]一只)(?=[犬狗貓雞鴨鵝豬牛羊兔鳥猴虎熊鼠鹿魚蝦蟹龜蛇])"
        ),
        "any",
        "每戶一只犬",
        "唯一只狗吃的",
    ),
    WordSpelling(
        "發",
        "髮",
        compile_lazily(
            "發(?<=[的新白黑長短秀剪洗染梳燙吹掉]頭發)(?![展放起動揮布佈言表生現行給出射達掘明揚])"
        ),
        "any",
        "新的頭發",
        "的頭發展",
    ),
    _spell("機構編製", "機構編制", before="主管部委事"),
    _spell("當噹", "當當"),
    _spell("改製", "改制", not_before="造成品作得", counter_example="改製造型"),
    _spell("繫統", "系統", not_after="聯維", not_before="一", counter_example="維繫統一"),
    _spell("系數", "係數", not_after="體星派水科學母族語院菜色", counter_example="體系數量"),
    _spell("係列", "系列", not_after="關干", not_before="入為舉出", counter_example="關係列表"),
    _spell("製約", "制約", not_after="研監印自繪編", counter_example="研製約需"),
    _spell("制備", "製備", not_after="體機管建編法", not_before="受", counter_example="體制備受"),
    _spell("製導", "制導", not_before="彈演遊", counter_example="研製導彈"),
    _spell("干燥", "乾燥", not_after="若", counter_example="若干燥劑"),
    _spell("干熱", "乾熱", not_after="若", counter_example="若干熱點"),
    _spell("復習", "複習", not_after="恢回修", counter_example="恢復習慣"),
    _spell("併且", "並且", not_after="合兼吞", counter_example="合併且分"),
    _spell("鐘情", "鍾情", not_after="時分點秒掛鬧座石警", counter_example="掛鐘情調"),
    _spell("鐘愛", "鍾愛", not_after="時分點秒掛鬧座石警", counter_example="時鐘愛好"),
    _spell("籤封", "簽封", not_after="標抽書牙竹題", counter_example="標籤封面"),
    _spell("鍊", "鏈", not_after="項拉鍛手金銀鐵", after="業應塊值態", counter_example="項鍊"),
    _spell("資金鍊", "資金鏈"),
    _spell("丰", "豐", before="度", counter_example="丰采"),
    _spell("行政編製", "行政編制", not_before="規法預計", counter_example="行政編製預算"),
    _spell("準許", "准許", not_after=_STANDARDS, counter_example="標準許可"),
    _spell("準予", "准予", not_after=_STANDARDS, counter_example="標準予以"),
    _spell("批準", "批准", not_before="備確時", counter_example="一批準備"),
    _spell("核準", "核准", not_before="備確時", counter_example="審核準備"),
    _spell("合並", "合併", not_after="結組符混聯綜配適", counter_example="結合並用"),
    _spell("一颱", "一臺", not_before="風", counter_example="一颱風"),
    _spell("衚", "胡", before="同衕"),
    _spell("胡衕", "胡同"),
    _spell("面條", "麵條", not_before="件款例文約目理幅碼", counter_example="方面條件"),
    _spell("面粉", "麵粉", not_before="刷飾塵末碎色紅底", counter_example="牆面粉刷"),
    _spell("面館", "麵館", not_after="對方全前後外裡上下側", not_before="藏方", counter_example="對面館舍"),
    _spell("裡程", "里程", not_before="序式度", counter_example="這裡程序"),
    _spell("複活", "復活", not_after="反重", counter_example="重複活動"),
    _spell("繫列", "系列", not_after="聯維", counter_example="聯繫列車"),
    _spell("繫主任", "系主任", not_after="聯維", counter_example="聯繫主任"),
    _spell("錶面", "表面", after="對", counter_example="手錶面板"),
    _spell("盡管", "儘管", not_before="理轄控道線制區束教", counter_example="盡管理責任"),
    _spell("歷法", "曆法", not_after="經學履來資病閱", not_before="院官律庭規", counter_example="學歷法規"),
    _spell("收獲", "收穫", not_after="沒接回吸", not_before="利准頒獎悉知", counter_example="沒收獲利"),
    _spell("抓鬥", "抓斗", not_before="毆爭士", counter_example="抓鬥毆的人"),
    _spell("干將", "幹將", after="力員猛主老業戰虎", counter_example="干將莫邪"),
    *(
        _spell(f"干{food}", f"乾{food}", not_after="若", counter_example=f"若干{food}")
        for food in _DRIED_FOODS
    ),
    *(_spell(f"幹{food}", f"乾{food}") for food in _DRIED_FOODS),
    *_spell_all(
        "發廊髮廊 發夾髮夾 後妃后妃 穀歌谷歌 鬥篷斗篷 鬆鼠松鼠 鬆花蛋松花蛋 詞匯詞彙 沖擊衝擊 沖突衝突"
    ),
    *_spell_all("翻鬥車翻斗車 翻鬥汽車翻斗汽車 黴運霉運"),
)

# Which of several spellings Taiwan writes.
TAIWAN_SPELLINGS: Sequence[WordSpelling] = (
    # 3534 and 5, 204 and 29: others write 發佈 of posts and messages.
    _spell("發佈", "發布", not_before="告", register="official", counter_example="發佈告"),
    # 67 and 8, 5 and 7.
    _spell("佔用", "占用"),
    # 61 and 3, 5 and 3.
    _spell("侵佔", "侵占"),
    # 11665 and 171: 計畫. Other texts write 計劃 1 time of 4, and of careful ones the most.
    _spell("計劃", "計畫", not_after="會", not_before="撥", register="official", counter_example="會計劃分"),
    # 占有 91, 占用 67, 佔 10.
    _spell("佔", "占", register="official"),
    # 477 and 3, 120 and 14.
    _spell("祕", "秘", not_before="魯", counter_example="祕魯"),
    # 56 and 48, 57 and 15.
    _spell("橋梁", "橋樑"),
    # 71 and 2, 77 and 48.
    _spell("周期", "週期"),
    _spell("周歲", "週歲"),
    # 9 and 0, 180 and 67.
    _spell("周年", "週年"),
    # 13 and 2.
    _spell("並網", "併網", not_before="羅上路絡站", counter_example="並網羅人才"),
    # 54 and 24, 190 and 8.
    _spell("週邊", "周邊"),
    _spell("四週", "四周", not_after="第十每", not_before="年歲後內前以間的一至到", counter_example="第四週"),
    # 54 and 15.
    _spell("週知", "周知"),
    # 173 and 0, 65 and 10; 3 and 0, 51 and 3.
    _spell("每周", "每週", not_after="聯", counter_example="聯每周邊"),
    _spell("周末", "週末", not_after="東西商殷", counter_example="東周末年"),
    # 89 and 1, 4 and 3.
    _spell("周轉", "週轉"),
    # 37 and 1, 4 and 3.
    _spell("煙草", "菸草"),
    _spell("煙", "菸", after="香卷捲控吸戒", not_before="霧塵氣火囪花", counter_example="吸煙霧"),
    _spell("煙", "菸", before="葉絲農支盒", counter_example="煙火"),
    _spell("菸霧", "煙霧"),
    _spell("炊菸", "炊煙"),
    _spell("菸火", "煙火"),
    _spell("菸氣", "煙氣"),
    # 389 and 1.
    _spell("煙酒", "菸酒"),
    _spell("禁煙", "禁菸", not_before="運令", register="official", counter_example="禁煙運動"),
    _spell("雪茄煙", "雪茄菸"),
    _spell("煙蒂", "菸蒂"),
    _spell("卷菸", "捲菸"),
    _spell("鍛煉", "鍛鍊"),
    # 48 and 0, 24 and 0.
    _spell("休閑", "休閒"),
    _spell("閑置", "閒置"),
    _spell("傢具", "家具"),
    _spell("家俱", "家具"),
    _spell("化粧品", "化妝品"),
    _spell("詆譭", "詆毀"),
    _spell("厘米", "釐米"),
    _spell("挑大樑", "挑大梁"),
    _spell("杆", "桿", after="線電燈吊立合噴拉槓球"),
    _spell("杆", "桿", before="塔件體路", not_after="旗欄桅", counter_example="欄杆路邊"),
    # 3 and 0, 232 and 1.
    _spell("想象", "想像", not_before="牙群形", counter_example="想象牙"),
    # 3415 and 18, 155 and 22.
    _spell("鑒", "鑑"),
    # 173 and 0, 122 and 5.
    _spell("閑", "閒", not_after="防", counter_example="防閑"),
    # Official texts write 沈 of sinking as often; others 8 times and never.
    _spell("沈", "沉", before="沒船澱"),
    # 386 and 0; 32 and 0.
    *_spell_all("泄漏洩漏 泄露洩露"),
    # 62 and 0; 59 and 1; 248 and 19; 14 and 1, 180 and 1.
    *_spell_all("重覆重複"),
    _spell("復驗", "複驗", not_after="報恢修收光康", counter_example="恢復驗收"),
    _spell("復檢", "複檢", not_after="報恢修收光康", counter_example="報復檢舉人"),
    _spell("反復", "反覆", not_before="原興健核議", counter_example="反復原"),
    # 19 and 1: of punishments. 36 and 5.
    _spell("並罰", "併罰", not_before="款金", counter_example="並罰款"),
    _spell("並案", "併案"),
    # 345 and 0, 8 and 0; 295 and 1.
    *_spell_all("匯編彙編 匯整彙整"),
    # 26 and 0; 87 and 5; 117 and 0, 10 and 1; 13 and 0.
    *_spell_all("托收託收 托運託運 托管託管 寄托寄託 托修託修"),
    # 231 and 9, 13 and 4.
    *_spell_all("櫃臺櫃檯"),
    _spell(
        "手表",
        "手錶",
        not_after="歌選對助徒",
        not_before="現示達面決態演明述揚白",
        counter_example="右手表示",
    ),
    _spell("臺燈", "檯燈", not_after="舞平月站講電高陽", counter_example="舞臺燈光"),
    # 68 and 0, 36 and 3; 1 and 2, 23 and 8; 8 and 3.
    *_spell_all(
        "伙伴夥伴 喧譁喧嘩 泛濫氾濫 凶手兇手 炮彈砲彈 佈施布施 傢俬家私 家俬家私 杆秤桿秤 谷氨酸穀氨酸"
    ),
    # 39 and 21, 118 and 8.
    _spell("坐標", "座標"),
    # 71 and 24.
    _spell("散佈", "散布", register="official"),
    _spell("答復", "答覆"),
    _spell("水表", "水錶", not_after="地山河海湖", not_before="面層示明達現格", counter_example="地下水表面"),
    _spell("臺風", "颱風", not_after="平舞電月站講", not_before="險格波雲景光情", counter_example="舞臺風格"),
    # 245 and 34.
    _spell(
        "了解",
        "瞭解",
        not_after="到得出成為有作除據",
        not_before="決釋放散除答凍聘僱析約救",
        register="official",
        counter_example="作了解釋",
    ),
    _spell("據瞭解", "據了解"),
    _spell("凶器", "兇器"),
    # 943 and 9, 255 and 11 of 帳.
    _spell("賬", "帳"),
    # 編製 for what is drawn up, 編制 for the posts of an office: 1412 and 1276.
    _spell(
        "編制",
        "編製",
        not_after=_PEOPLE_AND_POSTS,
        not_before="管限外內數總員額委辦調工表定單",
        register="official",
        counter_example="編制員額",
    ),
    _spell("理機構編制", "理機構編製", not_before="管部委事核人", counter_example="管理機構編制部門"),
    _spell("規定編制", "規定編製", not_before="管人數內外員", counter_example="規定編制人數"),
)

# Spellings which Taiwan writes both: a text has the more frequent of its own, the first of as many.
_EQUAL_SPELLINGS = """
發布發佈 計劃計畫 佔比占比 複查復查 複審復審 複核復核 彙集匯集 匯交彙交 儘快盡快 儘可能盡可能
儘早盡早 儘量盡量 紮實扎實 局限侷限 註定注定 迴路回路 鉅額巨額 不鏽鋼不銹鋼 生鏽生銹 筆畫筆劃
獨占獨佔 強占強佔 擠占擠佔 占有佔有 占地佔地 焚毀焚燬 排泄排洩 大炮大砲 多醣多糖 和弦和絃
琴弦琴絃 慾望欲望 品嚐品嘗 崑山昆山 週刊周刊 行兇行凶 兇猛凶猛 拼命拚命 游牧遊牧 睏倦困倦
檯面臺面 念經唸經 念誦唸誦 念佛唸佛 轎夫轎伕 柺子拐子 可嘆可歎 合家閤家 飛升飛昇 升天昇天
"""
EQUAL_SPELLINGS: Sequence[tuple[str, str]] = tuple(
    (pair[: len(pair) // 2], pair[len(pair) // 2 :]) for pair in _EQUAL_SPELLINGS.split()
)
