"""Which words of regional vocabulary are exchanged: those of computing only in texts about computing."""

from __future__ import annotations

from hanpack.lazy_patterns import compile_lazily

# Words of OpenCC's vocabulary that mean something else outside of computing, as 对象 for 物件.
_WORDS = """
对象 程序 文件 项目 支持 设备 设置 发布 运行 保存 添加 审核 权限 社区 优化 高级 地址 循环
注销 发送 性能 类型 数字 调度 分区 创建 窗口 存储 声明 查找 连接 进程 访问 打开 端口 代码
集群 持久性 实时 卸载 批量 通道 信号 集成 远程 溢出
全局 消息 局部 扩展 调用 参数 加载 截取 抛出 导出 导入 屏蔽 触摸 交互 重装 内置 外置 前缀 后缀
激活 禁用 映射 剪切 仿真 实例 链接 点击 查看 搜索 万象 挂断 低级 高端 多态 联系 奔驰 菜单 脚本 视图
"""
_GENERAL_WORDS = frozenset(_WORDS.split())
_LONGEST_WORD = 3
# Words that begin with one of the vocabulary and mean something else.
_OTHER_WORDS = ("光盘行动",)
# Of diseases: they stand after a whole word, also where a word of two characters ends with them (前列腺|癌).
_SUFFIXES = ("癌", "炎", "症")
_COMPUTING = compile_lazily(
    "软件|代码|编程|服务器|数据库|算法|函数|浏览器|操作系统|计算机|电脑|接口|变量|线程|内存|脚本|源码|安装包|编译|鼠标|键盘"
    "|应用程序|客户端|调试|字符串|数组|硬盘|网页|网站|电子邮件|像素|缓存|[A-Za-z]{2,}"
)
# A text with less than a word of computing in so many characters is about something else.
_COMPUTING_EVERY = 100
# A shorter text tells too little.
_SHORTEST_TEXT = 200


def is_about_computing(text: str, official: bool) -> bool:
    """Whether a Simplified text may be about computing; a short one may be, an official one is not.

    >>> is_about_computing("打开文件，程序支持中文。", False), is_about_computing("监督对象和法定程序", True)
    (True, False)
    """
    if official:
        return False
    if len(text) < _SHORTEST_TEXT:
        return True
    return sum(1 for _ in _COMPUTING.finditer(text)) * _COMPUTING_EVERY > len(text)


def is_general_word(text: str, start: int, end: int) -> bool:
    """Whether a change of a span is of a word that has a meaning outside of computing.

    Only some characters of the word may change, as of 程序 in 程式.

    >>> is_general_word("职权和程序", 4, 5), is_general_word("塑料袋", 1, 2)
    (True, False)
    """
    return any(
        first <= start and end <= first + length and text[first : first + length] in _GENERAL_WORDS
        for length in range(2, _LONGEST_WORD + 1)
        for first in range(max(0, end - length), start + 1)
    )


def is_other_word(text: str, start: int) -> bool:
    """Whether a word begins at ``start`` of which only the beginning looks like vocabulary.

    >>> is_other_word("光盘行动", 0), is_other_word("光盘", 0)
    (True, False)
    """
    return text.startswith(_OTHER_WORDS, start)


def has_suffix(text: str, end: int) -> bool:
    """Whether at the ``end`` of a word a disease is named after it.

    >>> has_suffix("前列腺癌", 3), has_suffix("前列腺", 3)
    (True, False)
    """
    return text.startswith(_SUFFIXES, end)
