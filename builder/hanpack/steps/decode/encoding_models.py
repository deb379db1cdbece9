"""How likely each character is in a language: the models that detection of encodings compares.

Han characters, kana, Hangul and the letters of alphabets are in order of frequency, counted over the word
lists of wordfreq 3 and official texts. Shares of punctuation and frequency classes are rounded measurements.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np
import numpy.typing as npt

LogLikelihoods = npt.NDArray[np.float32]

SIMPLIFIED = (
    "的是一在不人有了我国这为中个大会们他来和年上以要到时对么能你就发可地生家出也说于学后成与过行用日"
    "多自现都没作下得开经还法动好方而公子事分之民主里政看吗本月所天新业同全定部最其进如前机美那当工关"
    "实小被但因长样理等什道去些面很心间区内电然力起体只着从并者高加想文问种员重及点将意合产三外由市无"
    "女已制网第情场名应西代正表真此位题相明资计建利系化期特性度果次给让两通教任比该东活手世提或使她物"
    "数立认怎知结入更总务话斯统目社展战做设安别信影己受解军司回把保平常见向海变报治台爱品北何接界论组"
    "件权选府议少它共运车至记又原金身式老路决科联视口处各持站量交万直反南打据基始再快水门十感程导传院"
    "才放今术强元完号图规改管划亚领际单头二尔需布达队片求非历每书指马广党几太先带游城办球色觉义级师专"
    "类约集告技团取儿参克史服格候调包请德必拉乐许造确气难吧证收称语山死线示条像流命根则近济京听英士价"
    "推标举争友干支委四续况准形男望官且走失言备容观华港质案钱查整未费空转较众神商风校字香啊首州料育创"
    "织却照亲识消研离具算欢哪型注源护连节周即投获音清增供五孩光项张息白构省律声演农究器边步喜局医象写"
    "除境思赛装谁跟便杀击响职助易版希属住洲巴星企引找试考列罗存须越态群县功纪复超害戏显族维深责值买足"
    "环模极协花断客警吃王百段验切往早终另远够独精习营括革岁曾评随例黑错继米林预玩故份速闻效致火妈阿呢"
    "拿兰采热房病户限艺严仅录江势控察满优兴绝土施宣武"
)
TRADITIONAL = (
    "的是一人法不有在了國第為定我中這個之年上大以會他們要請於來和聲對憲時行到就用所規得生日條發能理地"
    "麼你與可下分出學民成本家事後判說也其決裁經自及過開公月件審號前多作系現受等主文而都高政部沒動方者"
    "業還訴正最由項關子好明查字全同新院度應當起裡機合如因三案看爭嗎天工進或內實已區意但並體制利美那小"
    "被長原間市確著期二保樣程員重力什道電面提權去些心無很然臺外加情認從點相產資只問解將局種想計表稱女"
    "終依此性名場次網品教司該代位務比特通建立西範真果題回化任物別更則使給結反讓東數兩入達修施處活何知"
    "見刑手設目平組總書世統她庭式告社怎款又十義話展害安變信影未斯報身做據戰向北至適議金級己軍律管海常"
    "論基選治把接類記府例持交各共始再辦量運愛違科界車少路元費南指非四視聯直它口官萬導老序站先水濟師術"
    "華單訟求傳打完命專門強感證快具黨布改備放許才今致領每需際難圖語服劃參送釋亞收形取頭太且爾格必片歷"
    "技隊廣灣型約準即馬帶示集幾遊城委團張五球色標調包山造覺否觸兒克死核德言防史觀候價校樂氣拉流究線照"
    "列吧支續舉近育像按根士屬推英質容算助料毒京況聽港護失友牴林整幹轉男商障存罪研除走望職空投較須源令"
    "營供離眾錢風增消織神限卻親構醫段香首清節疑危創曾獲責啊識住州宣盡補客復境連注縣光周歡考哪顯器易息"
    "音農險白執孩響象省演另評百效試救雄邊裝越步維喜思紀殺寫超洲企賽警值侵黃便跟引陳誰版擊希採巴星態協"
    "驗環羅找檢花察僅斷功足畫族群王均故買戲略止極模深"
)
JAPANESE_HAN = (
    "人日大本出見一分時事中言思年行間気生自方上会子今前者的入月手国作合来何女全最無場動用目後発学話定"
    "当理高感性部地回新画使下実私物体知通力家同名対度業良多持開代金意内長関変所数戦要外社以取化明現食"
    "法結心世不好成俺楽味考能小立機書初面期少様田付違先員車山市解問連報近安番記加公売仕神教界特主表信"
    "東品電聞選終題悪必正二強男続真死道料決語他可野確文相美情水向切愛身受円集別始達彼元在活買着重三引"
    "位過有次海保経送点原利調制万白式第屋限設民直起待勝組得果店込運色放県指約流予置認読状参京政川応音"
    "誰口校島系残件産配天平想進常計素優欲由空議説際像風落士止然足単伝映線消早務演声格友係反殺質夫頭葉"
    "木和飲北乗供治転僕撃登交半広台親夜都個帰共張形録完存価基支願覚増投判王示害念術顔呼態失笑型絶難返"
    "育構容命朝告再写権試追影等検観量備号工週太軍探義装緒断光曲企住種収器町論験査石歳営古西君任役土周"
    "字護職病段婚技奴嫌院版視超注毎歌"
)
HANGUL = (
    "이다는에하고가을지의로서은아한어도기사니있를나해리시그요인들자일게대라으스수만보제면정주전부여거"
    "과장했상안마구었데오야내원우신적것성국되세위와무할동생소트드모미진문중말화공까러비습간없분조저입"
    "개터유계치월같경회선년때연실바음관용더명학네영교당작좋방려않합래발건된단재며각운금람행남물알차등"
    "통번르던두타후프겠체크랑식히너산역버임호포예결반잘님함심속업본레파직디감처런카못노았군받배매출양"
    "표피살든현많른법달난집민설였최형또불력키천걸강날울테싶청루종언약애코점워토추준께질외근태올참격렇"
    "름친초늘권온린따록목복새료편능열판별맞변메머티항필왜술누절확느특먹줄평씨럼브길급란돌박증송손뭐죽"
    "독죠좀즈론활막찾존곳될순환페품투얼향냐석봐및잡병광왔혼담져엔족볼짜글령책플녀완승축베육립총갈망쪽"
    "색백악북접앞긴커험끝쓰빠블류범침됐검힘응림김황희눈엄냥벌련창억움패겨클졌충뒤채릴케째셨왕첫견놓규"
    "협츠취렸끼션슨답럽뉴삼퍼폭획락써"
)
HIRAGANA = (
    "のいてなにたしでるとはがかっをすもらうんれまだこりくあよさけきそやおどえわちめつねじせみゃろばず"
    "ょごほべげへぎびむぶぞぐひぁぜざゆぱふぼづぇぬぽゅぉぷぴぅぺぃ"
)
KATAKANA = (
    "ーンスイトルッラリクアタドレロシカマジフプコメバムテチキグサブャオニデパィナウビエュダミセツズョ"
    "ハモネベガポボェケワノソピホゲァヤペゴギザヒォユヘゼヨヴ・"
)
ALPHABETS = {
    "French": "éàèêçôîùâûœïëüÿæ",
    "German": "üäöß",
    "Spanish": "óíáéñúüºª",
    "Portuguese": "ãéçáíêóúõàâôºªü",
    "Italian": "èàùòéìíîº",
    "Dutch": "éëïèóüáöçê",
    "Swedish": "åäöéüà",
    "Danish": "åæøéöü",
    "Finnish": "äöåéüšž",
    "Icelandic": "ðíáþóæöúéý",
    "Polish": "łężąóśćńźé",
    "Czech": "íáěžřéčšýůúňďťó",
    "Slovak": "áčžýšíéúťľôňďóäĺŕ",
    "Hungarian": "éáöóőüíúű",
    "Romanian": "ășîțâşţ",
    "Croatian": "ščžćđ",
    "Turkish": "ıüşçğöâîİ",
    "Lithuanian": "ėųšžąįūčę",
    "Latvian": "āīēšūņļžķģčō",
    "Estonian": "äõüöšž",
    "Russian": "оеаинтслрвкмдпуыягьзбчйжхшюцэщфёъ",
    "Ukrainian": "оаніивтерскудлмпзябьгйчцхжїюшщєфґ",
    "Bulgarian": "аоеинтсврдклмпзягъбучжцйщхшфюьѝ",
    "Serbian": "аоеинтсрјвдукмплзгбчшжњхцљћђфџ",
    "Greek": "ατοσιενρπκμηυλίςάόέγδωήχθύφώβξζψϊϋΐΰ",
    "Hebrew": "יוהלאתרבמשענםדכחקפסןגזצטךףץ",
    "Arabic": "اليمنورتعبدةفهكسأقحجىصشطخذإضثزغءئظآؤ،؛؟",
    "Persian": "ایرندهومبتسکشلزفخگعقجحپآچطصيضغظذثئكژأ،؛؟",
    "Thai": "านรอกเงมยลวดทสตะปบคหแจพชขใไโผถซณฯศษธภญฐฉฟฝฎฏฒฬฤฆฌฮฑัิี่้ืุู์็ำึ๊๋",
}
MARKS = "“”‘’–—…«»°·©®€£§™•²³½№„´¿¡"
CLAUSE_MARKS = "，。、"
CHINESE_MARKS = "：；？！“”（）《》"
RARE_CHINESE_MARKS = (
    "\u3000·—…‘’【】「」『』〔〕〈〉％○□■●◎★☆△▲◆◇→↑↓①②③④⑤⑥⑦⑧⑨⑩√×÷±℃°〇～￥．－／＋＝｜＠＃＆＊"
)
WIDE_LETTERS = "".join(map(chr, (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))))

# Natural logarithms: of what a language does not use, of what no text holds, of printable ASCII.
FLOOR = -13.0
IMPOSSIBLE = -18.0
ASCII = -4.0
# The tables hold the Basic Multilingual Plane.
TABLE_SIZE = 0x10000
# A share of a text and the characters that divide it equally among them.
FrequencyClass = tuple[float, Iterable[str]]


def _decode_rows(encoding: str, first: int, last: int) -> str:
    """The characters of the rows ``first`` to ``last`` (lead bytes) of a two-byte character set."""
    pairs = (bytes((lead, trail)) for lead in range(first, last + 1) for trail in range(0x40, 0xFF))
    return "".join(pair.decode(encoding, "ignore") for pair in pairs)


def _divide_han(common: str, share: float) -> list[FrequencyClass]:
    """The most frequent characters in four classes, with the shares that these have in Chinese prose."""
    classes = ((0, 50, 0.32), (50, 150, 0.2), (150, 300, 0.16), (300, len(common), 0.16))
    return [(share * part, common[first:last]) for first, last, part in classes]


def _describe_chinese(common: str, level_one: str, level_two: str) -> list[FrequencyClass]:
    return [
        (0.075, CLAUSE_MARKS),
        (0.04, CHINESE_MARKS),
        (0.02, RARE_CHINESE_MARKS),
        (0.01, WIDE_LETTERS),
        *_divide_han(common, 0.85),
        (0.13, level_one),
        (0.008, level_two),
        (0.001, HIRAGANA + KATAKANA),
        (0.001, ALPHABETS["Greek"] + ALPHABETS["Russian"]),
    ]


def _describe_alphabet(letters: str) -> list[FrequencyClass]:
    """Each letter less frequent than the one before it; the last has a twentieth of the first's share."""
    weights = 0.05 ** (np.arange(len(letters)) / len(letters))
    weights /= weights.sum()
    weighted = list(zip(weights.tolist(), letters, strict=True))
    return [
        *((0.9 * weight, [letter]) for weight, letter in weighted),
        *(
            (0.05 * weight, [letter.upper()])
            for weight, letter in weighted
            if len(letter.upper()) == 1 and letter.upper() != letter
        ),
        (0.04, MARKS),
        (0.005, "\xa0"),
    ]


def _describe(language: str) -> list[FrequencyClass]:
    if language == "Simplified":
        return _describe_chinese(
            SIMPLIFIED, _decode_rows("gb2312", 0xB0, 0xD7), _decode_rows("gb2312", 0xD8, 0xF7)
        )
    if language == "Traditional":
        return _describe_chinese(
            TRADITIONAL, _decode_rows("big5", 0xA4, 0xC6), _decode_rows("big5", 0xC9, 0xF9)
        )
    if language == "Japanese":
        return [
            (0.06, "。、"),
            (0.02, "「」・（）！？：“”『』"),
            (0.01, RARE_CHINESE_MARKS),
            (0.015, WIDE_LETTERS),
            (0.33, HIRAGANA[:25]),
            (0.12, HIRAGANA[25:]),
            (0.09, KATAKANA[:40]),
            (0.03, KATAKANA[40:]),
            *_divide_han(JAPANESE_HAN, 0.27),
            (0.05, _decode_rows("euc_jp", 0xB0, 0xCF)),
            (0.003, _decode_rows("euc_jp", 0xD0, 0xF4)),
            (0.002, map(chr, range(0xFF61, 0xFFA0))),
        ]
    if language == "Korean":
        return [
            (0.01, "“”‘’·…「」『』《》"),
            (0.005, RARE_CHINESE_MARKS),
            (0.32, HANGUL[:20]),
            (0.35, HANGUL[20:100]),
            (0.28, HANGUL[100:]),
            (0.04, _decode_rows("euc_kr", 0xB0, 0xC8)),
            (0.002, map(chr, range(0xAC00, 0xD7A4))),
            (0.002, map(chr, range(0x3131, 0x318F))),
            (0.004, _decode_rows("euc_kr", 0xCA, 0xFD)),
        ]
    return _describe_alphabet(ALPHABETS[language])


@cache
def log_likelihoods(language: str) -> LogLikelihoods:
    """The natural logarithm of each character's likelihood in a language; shape (65536,), by code point.

    Printable ASCII is equally likely in all languages. What a language does not use has the value ``FLOOR``,
    what no text holds (controls, private use, U+FFFD, surrogates) ``IMPOSSIBLE``.

    >>> bool(log_likelihoods("Simplified")[ord("国")] > log_likelihoods("Traditional")[ord("国")])
    True
    """
    table = np.full(TABLE_SIZE, FLOOR, np.float32)
    # The first class that holds a character counts.
    for share, characters in reversed(_describe(language)):
        points = [ord(character) for character in dict.fromkeys(characters) if ord(character) < TABLE_SIZE]
        table[points] = np.log(share / len(points))
    table[0x20:0x7F] = ASCII
    table[:0x20] = table[0x7F:0xA0] = IMPOSSIBLE
    table[[0x09, 0x0A, 0x0D]] = ASCII
    table[0xD800:0xF900] = IMPOSSIBLE
    table[0xFFF0:] = IMPOSSIBLE
    return table
