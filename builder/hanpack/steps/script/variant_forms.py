"""Forms of characters that Simplified Chinese replaces and OpenCC leaves as they are.

This module is short because it is two tables.
"""

from __future__ import annotations

# Regional forms that t2s does not convert (tw2s and hk2s convert most), and characters OpenCC leaves.
REGIONAL_FORMS: dict[str, str] = {
    "敍": "敘",
    "枱": "檯",
    "粧": "妝",
    "糭": "粽",
    "衞": "衛",
    "衹": "只",
    "潀": "潨",
    "痺": "痹",
    "睪": "睾",
    "簷": "檐",
    "牠": "它",
    "呉": "吳",
    "砲": "炮",
}
# Variants that the mainland's First List of Processed Variant Characters (1955) replaces and OpenCC leaves.
# Not those that names keep, as 喆, 堃, 甯, 邨 and 龢, nor those with a meaning of their own
# in Hong Kong or Japan, as 嘅, 噉 and 働.
_VARIANT_PAIRS = """
姪侄 痲麻 蔴麻 菓果 荳豆 鎗槍 籐藤 餧喂 賸剩 讌宴 銲焊 鉋刨 袴褲 繖傘 覩睹 觔斤 躭耽 遯遁 隄堤 瞇眯
踡蜷 伕夫 礮炮 穉稚 譌訛 餽饋 揹背 勦剿 呪咒 帋紙 廐廄 徧遍 憇憩 搥捶 摀捂 撢撣 攷考 敺驅 暱昵 椀碗
棃梨 毬球 煖暖 燄焰 犂犁 猨猿 瓌瑰 甎磚 畧略 疎疏 盋缽 碁棋 秔粳 稉粳 粃秕 緐繁 羢絨 胷胸 脗吻 膓腸
臙胭 蕚萼 藷薯 蘂蕊 蛕蛔 蜋螂 蝱虻 襍雜 諠喧 謌歌 蹧糟 躶裸 逈迥 酧酬 閙鬧 阬坑 陗峭 隣鄰 鞌鞍 韈襪
顋腮 飜翻 飡餐 饍膳 鬭鬥 鱓鱔 鴈雁 鵶鴉 鷰燕 麤粗 齩咬 糢模 鑛礦 靑青 罸罰 篠筱 勅敕
偪逼 桮杯 艸草 撦扯 鉏鋤 耡鋤 惷蠢 觕粗 啗啖 攩擋 髣仿 髴佛 倣仿 俛俯 摃扛 肐胳 骾鯁 搆構 鑵罐 懽歡
怳恍 蚘蛔 裌夾 牋箋 儌僥 捄救 揫揪 跼局 睠眷 欬咳 媿愧 闚窺 嬾懶 惏婪 歛斂 燐磷 玅妙 幙幕 拏拿 嬭奶 妳你
蜺霓 儗擬 嬝裊 褭裊 囓嚙 掽碰 踫碰 缾瓶 鈆鉛 彊強 寑寢 懃勤 坵丘 搉榷 毧絨 蝡蠕 橤蕊 葠參 搯掏 縚縧 覜眺
筩筒 媮偷 澣浣 朢望 罋甕 饟餉 啣銜 傚效 絏紲 萲萱 枒丫 燿耀 殀夭 迻移 婬淫 瘖喑 甖罌 蝯猿 菑災 喒咱 偺咱
搾榨 琖盞 醆盞 蹔暫 炤照 慴懾 碪砧 遉偵 塼磚 譔撰 騣鬃 醼宴 殽淆 濇澀 僊仙 尟鮮 癈廢 雰氛 疿痱 蔕蒂 蜨蝶
搤扼 颿帆 覇霸 寳寶 襃褒 鼈鱉 氷冰 竝並 愽博 慙慚 詧察 甞嘗 塲場 椉乘 醻酬 舩船 剙創 窓窗 窻窗 牕窗 悤匆
怱匆 蹵蹴 簒篡 脃脆 顇悴 瑇玳 悳德 櫈凳 兠兜 鬪鬥 妬妒 墪墩 朶朵 頟額 峩峨 鵞鵝 灋法 凢凡 蠭蜂 坿附 嘠嘎
槩概 槪概 贑贛 皐皋 臯皋 槀槁 餻糕 稾稿 畊耕 皷鼓 嘷嗥 閧哄 貛獾 廻迴 覊羈 檝楫 朞期 鍳鑒 鹻鹼 堦階 刼劫
刧劫 刦劫 穽阱 踁脛 烱炯 韮韭 擧舉 勌倦 尅剋 欵款 濶闊 茘荔 匳奩 匲奩 覔覓 緜綿 畮畝 畆畝 枏楠 嫰嫩 揑捏
湼涅 孼孽 寕寧 辳農 衂衄 肧胚 飃飄 凴憑 廹迫 慽戚 顦憔 鍫鍬 琹琴 秌秋 劵券 靱韌 靭韌 袵衽 姙妊 宂冗 輭軟
蕋蕊 澁澀 柹柿 潄漱 竢俟 鎻鎖 餹糖 嗁啼 蹏蹄 骽腿 拕拖 盌碗 徃往 蟁蚊 隖塢 蠏蟹 壻婿 鞾靴 騐驗 抝拗 窰窯
滛淫 唫吟 婣姻 頴穎 鸎鶯 慂恿 庽寓 欝鬱 寃冤 賛贊 塟葬 剳札 麞獐 輙輒 讁謫 珎珍 稺稚 箒帚 煑煮 筯箸 竚佇
籑饌 姉姊 鬉鬃 椶棕 辠罪 罇樽 効效
"""
VARIANT_FORMS: dict[str, str] = {pair[0]: pair[1] for pair in _VARIANT_PAIRS.split()}
