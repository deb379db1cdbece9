"""ERRORS: what errors say and advise, in English and in Chinese, with fields in braces."""

from __future__ import annotations

from hanpack.chinese.recipe_errors import RECIPE_ERRORS

ERRORS = (
    *RECIPE_ERRORS,
    # Suggestions.
    ("did you mean {name}? Possible are {names}", "是否想用 {name}？可以用 {names}"),
    ("possible are {names}", "可以用 {names}"),
    # What to build.
    ("name what to build", "请指明要构建什么"),
    (
        "hanpack build FOLDER, with the folder of your texts, or hanpack build RECIPE.yaml",
        "输入 hanpack build 文件夹（你的文本所在的文件夹），或 hanpack build 配方.yaml",
    ),
    ("there is no such recipe or folder", "没有这个配方或文件夹"),
    (
        "name a folder of texts, or a recipe that hanpack init FOLDER has written",
        "请指明一个文本文件夹，或 hanpack init 文件夹 写出的配方",
    ),
    ("there is no such recipe", "没有这个配方"),
    (
        "name a recipe, or write one with 'hanpack init FOLDER'",
        "请指明一个配方，或用 hanpack init 文件夹 写一个",
    ),
    ("there is no such file or folder", "没有这个文件或文件夹"),
    ("there is no such folder", "没有这个文件夹"),
    ("there is no such build", "没有这个构建结果"),
    ("name the folder that hanpack build wrote", "请指明 hanpack build 写出的文件夹"),
    ("this is not a finished build: there is no hanpack.json", "这不是完成的构建结果：没有 hanpack.json"),
    ("{options} is for a folder of texts", "{options} 只用于文本文件夹"),
    ("change the recipe instead", "请改为修改配方"),
    ("this is a build, not a folder of raw files", "这是构建结果，不是原始文件的文件夹"),
    ("name the raw files", "请指明原始文件"),
    # What to withdraw.
    ("a withdrawal has a reason", "撤回要有原因"),
    ("say why, in a few words", "用几个字说明原因"),
    ("{date} is no date", "{date} 不是日期"),
    ("write it as YYYY-MM-DD", "请写成 YYYY-MM-DD"),
    ("nothing to withdraw is named", "没有指明要撤回什么"),
    (
        "use --source, --url, --document or --text-file",
        "请用 --source、--url、--document 或 --text-file",
    ),
    ("no record of the build has the address {name}", "构建结果中没有网址为 {name} 的记录"),
    (
        "correct it; or add --bar-absent, if no later build may have a record with it",
        "请改正；如果以后的构建都不得有该网址的记录，请加 --bar-absent",
    ),
    # Output.
    ("every record was rejected", "所有记录都被拒绝"),
    ("the first is {place}: {reason}", "第一条是 {place}：{reason}"),
    ("{records} were rejected", "{records}被拒绝"),
    ("{record} was rejected", "{record}被拒绝"),
    ("the output is a file", "输出是一个文件"),
    ("name a folder with -o", "请用 -o 指明一个文件夹"),
    (
        "the output folder holds a file hanpack did not write: {name}",
        "输出文件夹里有不是 hanpack 写的文件：{name}",
    ),
    (
        "name an empty or new folder with -o, or move the file away",
        "请用 -o 指明空的或新的文件夹，或移走该文件",
    ),
    (
        "replace it with --overwrite, or name another folder with -o",
        "请用 --overwrite 替换它，或用 -o 指明另一个文件夹",
    ),
    # Object storage.
    ("{scheme}:// needs {package}", "{scheme}:// 需要 {package}"),
    ("the object storage cannot be used: {detail}", "对象存储无法使用：{detail}"),
    (
        "check the address and the credentials, then run the same command again",
        "请检查地址和凭据，再运行同一条命令",
    ),
    ("nothing can be written to this address", "无法写入这个地址"),
    ("name a folder in a bucket: s3://BUCKET/NAME", "请指明存储桶里的文件夹：s3://存储桶/名称"),
    (
        "the output holds an object hanpack did not write: {name}",
        "输出里有不是 hanpack 写的对象：{name}",
    ),
    (
        "name an empty or new folder with -o, or delete the object",
        "请用 -o 指明空的或新的文件夹，或删除该对象",
    ),
    ("another build is being published here", "另一次构建正在这里发布"),
    ("another build was published here at the same time", "另一次构建同时在这里发布了"),
    (
        "wait for it and run the same command again; if it was killed, delete {lock}",
        "请等它完成，再运行同一条命令；如果它已被中断，请删除 {lock}",
    ),
    ("another hanpack build is writing to this folder", "另一个 hanpack build 正在写这个文件夹"),
    ("wait for it, or use -o", "请等它完成，或使用 -o"),
    ("the output folder cannot be written to: {detail}", "输出文件夹无法写入：{detail}"),
    ("name another with -o", "请用 -o 另指一个"),
    ("cannot be read: {detail}", "无法读取：{detail}"),
    ("cannot be written: {detail}", "无法写入：{detail}"),
    ("is a folder", "是文件夹"),
    ("name a file with -o", "请用 -o 指明文件"),
    # Options.
    ("there is no value {value}", "没有 {value} 这个值"),
    ("there is no option {name}", "没有 {name} 这个选项"),
    ("there is no command {name}", "没有 {name} 这个命令"),
    ("did you mean {name}?", "是否想用 {name}？"),
    ("there is no policy {name}", "没有 {name} 这个策略"),
    (
        "an overlap of {number} tokens is too much for {budget_number}",
        "{number} 个词元的重叠超过上限 {budget_number} 的一半",
    ),
    ("use at most {number}", "至多是 {number}"),
    ("the text is of the type {type}, not str", "文本的类型是 {type}，不是 str"),
    ("decode bytes first, as in {code}", "请先将字节解码，例如 {code}"),
    ("it is one text, not a list of texts", "这是一段文字，不是文字的列表"),
    ("write {example}", "请写 {example}"),
    ("it is no list of texts", "不是文字的列表"),
    ("unknown value {name}", "未知的值 {name}"),
    ("it is of the type {name}, not {expected}", "类型是 {name}，应是 {expected}"),
    ("unknown engine: {name}", "没有这个引擎：{name}"),
    ("name local or ray", "请指定 local 或 ray"),
    ("a build needs at least 1 process", "构建至少需要 1 个进程"),
    ("a {name} cannot be built", "{name} 类型的值不能构建"),
    (
        "give the path of a folder or a recipe, a Recipe, a dict of its keys, or dicts with texts",
        "请给出文件夹或配方的路径、Recipe、配方键的字典，或含有文字的字典",
    ),
    ("these are no token ids of {name}: {detail}", "这些不是 {name} 的词元编号：{detail}"),
    ("give the integers of input_ids", "请给出 input_ids 中的整数"),
    (
        "no record has the column {name}; the columns are {names}",
        "没有记录有 {name} 这一列；已有的列是 {names}",
    ),
    ("name the column that has the text with --text-column", "请用 --text-column 指明正文所在的列"),
    ("{command} -h shows how to use it", "{command} -h 显示用法"),
    ("the value of {name} cannot be used", "{name} 的值不可用"),
    ("it must be at least {number}", "至少是 {number}"),
    ("it must be at most {number}", "至多是 {number}"),
    ("it must be a whole number", "要用整数"),
    ("it must be a number", "要用数字"),
    ("it must be true or false", "要用 true 或 false"),
    ("there is no step {name}", "没有 {name} 这一步"),
    ("{name} needs a value", "{name} 需要一个值"),
    ("use the option {option}", "请使用选项 {option}"),
    ("unknown tokenizer {name}: there is none of this name", "未知的分词器 {name}：没有这个名称的分词器"),
    ("{name}: unknown encoding; {choices}", "{name}：未知的编码；{choices}"),
    (
        (
            "the encoding cannot be decided: {detail}; give it as 'encoding' in the recipe, and look at the text: "
            "a wrong one gives other characters"
        ),
        "无法判断编码：{detail}；请在配方里用 encoding 指明，并查看文字：指错会得到别的字",
    ),
    ("the encoding cannot be decided: {detail}", "无法判断编码：{detail}"),
    ("if you know the encoding, name it with --encoding", "如果知道编码，请用 --encoding 指明"),
    ("a {format} file is read by hanpack build only", "{format} 文件只有 hanpack build 能读取"),
    (
        "hanpack build {path}, or write its texts to a .jsonl file with a column text",
        "请用 hanpack build {path}，或把其中的文字写成含 text 列的 .jsonl 文件",
    ),
    ("it is left out; correct the line", "已略去；请改正这一行"),
    # Builds that are read.
    ("there is no table {name}", "没有 {name} 这个表"),
    ("there is no row {id} in {table}", "{table} 里没有 {id} 这一行"),
    ("{id} is the id of a document, not of a chunk", "{id} 是文档的 id，不是块的 id"),
    ("{id} is the id of a chunk, not of a document", "{id} 是块的 id，不是文档的 id"),
    (
        "{command} shows it; its first chunk is {chunk_id}",
        "{command} 会显示该文档；它的第一个块是 {chunk_id}",
    ),
    ("its document is {id}", "它的文档是 {id}"),
    ("the note of exports cannot be read: {detail}", "导出记录无法读取：{detail}"),
    ("the text to look for is empty", "要查找的文字为空"),
    ("delete the file", "请删除该文件"),
    ("name a text, in quotation marks", "请写出要查找的文字，并加上引号"),
    ("give at least {number} characters of the id", "id 至少要给出 {number} 个字符"),
    ("hanpack inspect shows some ids", "hanpack inspect 会显示一些 id"),
    ("no chunk contains {text} as it is written", "没有块原样包含 {text}"),
    (
        "hanpack find looks for it in every script, and in what was removed or left out",
        "hanpack find 会不论繁简地查找，也会在被删除或略去的内容里查找",
    ),
    ("name the id of a chunk", "请指明块的 id"),
    ("{command} finds the chunks that contain a text", "{command} 可以找到包含某段文字的块"),
    ("the chunk has {screens}", "这个块有 {screens}"),
    ("name a lower number", "请用较小的数字"),
    ("the views are {names}", "可用的视图是 {names}"),
    ("there is no text to look for", "没有要查找的文字"),
    ("the source was changed after the build", "源文件在构建之后被改动过"),
    ("the source cannot be read: {detail}", "源文件无法读取：{detail}"),
    ("name the folder of the sources with --sources", "请用 --sources 指明源文件的文件夹"),
    ("name their folder with --sources", "请用 --sources 指明它们的文件夹"),
    (
        "the build was not made here, so where its sources are is not known",
        "构建结果不是在这里生成的，因此不知道源文件在哪里",
    ),
    ("the shard cannot be read: {detail}", "分片无法读取：{detail}"),
    ("the shard has no column {column}", "分片没有列 {column}"),
    ("the shard has {number} columns {column}", "分片有 {number} 列 {column}"),
    ("the manifest was changed after it was written", "清单在写出之后被改动过"),
    ("the manifest cannot be read: {detail}", "清单无法读取：{detail}"),
    ("the list of sources {name} cannot be read: {detail}", "源文件列表 {name} 无法读取：{detail}"),
    (
        (
            "that the recipe, with its name, licence and card, is the one its author chose: "
            "only a signature proves it, or the recipe file with --recipe"
        ),
        "配方（含名称、许可和卡片）是否为作者所选：只有签名能证明，或用 --recipe 指明配方文件",
    ),
    (
        (
            "that the withdrawals it states are requests that its author carried out: "
            "only a signature proves it, or the recipe file with --recipe"
        ),
        "所列的撤回是否为作者执行的请求：只有签名能证明，或用 --recipe 指明配方文件",
    ),
    (
        (
            "sources not at hand: no row was compared with its source, and nothing was built again; "
            "name their folder with --sources"
        ),
        "没有源文件：没有一行与源文件比较，也没有重新构建；请用 --sources 指明它们的文件夹",
    ),
    (
        "set {example} in the recipe, the length of a sequence, and build again",
        "请在配方里写 {example}（序列的长度），再构建一次",
    ),
    (
        (
            "{requests} to withdraw in {path} are open: this build does not honour them, the first: "
            "{name}; run hanpack build {recipe}"
        ),
        "{path} 里还有 {requests} 尚未执行：这个构建结果没有遵循，第一个是 {name}；请运行 hanpack build {recipe}",
    ),
    ("a copy of {source} record {record}", "{source} 第 {record} 条记录的副本"),
    ("a copy of {original_id}", "{original_id} 的副本"),
    ("a copy of the document {document} of the build {build}", "构建结果 {build} 中文档 {document} 的副本"),
    ("no text", "没有文字"),
    ("build again", "请重新构建"),
    ("build it again with --fresh", "请用 --fresh 重新构建"),
    (
        "get the build again from where it comes, or build again",
        "请从来源重新获取构建结果，或重新构建",
    ),
    ("run the command again", "请再运行一次该命令"),
    # Signatures and certificates.
    ("name a chunk or a record", "请指明一个块或一条记录"),
    ("give the id of a chunk, or --record", "给出块的 id，或 --record"),
    ("{record} is no record", "{record} 不是记录"),
    ("a push always verifies the build", "推送总是先验证构建"),
    ("use it with --dry-run only", "只能与 --dry-run 连用"),
    ("give SOURCE:NUMBER, such as a.jsonl:3", "写成 源文件:序号，例如 a.jsonl:3"),
    ("the build is not signed", "这个构建结果没有签名"),
    ("the key cannot be read: {detail}", "密钥无法读取：{detail}"),
    (
        "name a key; ssh-keygen -t ed25519 -f KEY makes one, with the public key in KEY.pub",
        "请指明密钥；ssh-keygen -t ed25519 -f KEY 可以生成，公钥在 KEY.pub",
    ),
    ("sign it with 'hanpack sign'", "用 hanpack sign 签名"),
    (
        "the signature is not one of this key, or what was signed has been changed",
        "签名不是用这个密钥签的，或者签过的内容被改动了",
    ),
    # Texts to look for.
    ("{text} has no letters or digits", "{text} 没有字母和数字"),
    (
        "name another text, or look for it in the chunks with hanpack inspect OUT --grep TEXT",
        "请换一段文字，或用 hanpack inspect OUT --grep TEXT 在块里按原样查找",
    ),
    ("name a longer text", "请给出更长的文字"),
    ("name a text, or a file of texts with --file", "请给出文字，或用 --file 指明文字的文件"),
    ("{text} is no valid Unicode text", "{text} 不是有效的 Unicode 文字"),
    ("line {number} has no text", "第 {number} 行没有文字"),
    ("a line is a string, or an object with 'text'", "一行是一个字符串，或含有 text 的对象"),
    ("line {number} is not JSON: {detail}", "第 {number} 行不是 JSON：{detail}"),
    ("a limit of {limit} leaves nothing to show", "上限 {limit} 什么也显示不了"),
    # Reports, packed sequences, exports.
    ("a report does not go into the build itself", "报告不能写进构建结果"),
    ("name a file beside it", "请指明它旁边的文件"),
    ("the report cannot be written: {detail}", "报告无法写入：{detail}"),
    ("the build has no packed sequences", "构建结果没有 packed 序列"),
    ("set packed in the recipe", "请在配方里设置 packed"),
    ("the split {split} has {count} packed sequences", "切分 {split} 有 {count} 个 packed 序列"),
    ("count from 0", "请从 0 数起"),
    ("{place} is no place of a token", "{place} 不是词元的位置"),
    (
        "write the numbers of a row and of a token in it, from 0, as in 3:17",
        "请写行号和其中词元的序号，从 0 数起，如 3:17",
    ),
    ("row {row} has {count} tokens", "第 {row} 行有 {count} 个词元"),
    ("there is no split {name}", "没有 {name} 这个切分"),
    ("the splits are {names}", "切分有 {names}"),
    ("the export would be inside the build", "导出会写在构建结果里面"),
    ("name another folder with -o", "请用 -o 另指一个文件夹"),
    ("there is something already", "那里已有内容"),
    ("name a new folder with -o, or delete it", "请用 -o 指明新文件夹，或删除它"),
    # The Hub.
    ("the name of the repository has no namespace", "仓库名称没有所有者"),
    ("not a name of a repository: {detail}", "不是仓库名称：{detail}"),
    ("name it as NAMESPACE/NAME", "请写成 所有者/名称"),
    ("a push goes to a branch", "推送的目标是分支"),
    ("name a branch, such as main", "请指明分支，例如 main"),
    ("no token for the Hub", "没有 Hub 的访问令牌"),
    (
        "run `hf auth login`, or set HF_TOKEN, with a token that has write access",
        "请运行 hf auth login，或设置 HF_TOKEN，使用有写权限的令牌",
    ),
    (
        "the repository exists and is public, while this push is to be private",
        "仓库已存在且是公开的，而这次推送要求私有",
    ),
    ("the build has no document {id}", "构建结果没有文档 {id}"),
    ("the build has no source {name}", "构建结果没有源文件 {name}"),
    ("the build has no {name}", "构建结果没有 {name}"),
    ("run `hanpack build` again, then push", "请再运行 hanpack build，然后推送"),
    # Withdrawals.
    ("the recipe of the build is not known here", "不知道这个构建结果的配方在哪里"),
    ("name it with --recipe", "请用 --recipe 指明"),
    ("the recipe, the sources or hanpack changed after the build", "构建之后，配方、源文件或 hanpack 有变化"),
    ("run hanpack build {path} first", "请先运行 hanpack build {path}"),
    ("the receipt would be inside the build", "凭证会写在构建结果里面"),
    ("name another place with --receipt", "请用 --receipt 另指位置"),
    ("hanpack find names ids", "hanpack find 会给出 id"),
    ("hanpack find names sources", "hanpack find 会给出源文件"),
    ("the withdrawals cannot be read: {detail}", "撤回的请求无法读取：{detail}"),
    ("this function does not decode tokens of a tokenizer.json", "这个函数不解码 tokenizer.json 的词元"),
    (
        "use tokenizers.Tokenizer.from_file(PATH).decode(ids)",
        "请用 tokenizers.Tokenizer.from_file(路径).decode(ids)",
    ),
    # Sources, tokenizers, sizes.
    ("{pattern} leads out of the root of the sources", "{pattern} 指向源文件的 root 之外"),
    ("set 'root' to a folder above them", "请把 root 设为它们上面的文件夹"),
    ("records of the shape {shape} cannot be read from {name}", "无法从 {name} 读取 {shape} 形式的记录"),
    (
        "use {shapes} for {format}; {shape} is for {suffixes}",
        "{format} 请用 {shapes}；{shape} 用于 {suffixes}",
    ),
    ("{pattern} is not a glob pattern: {detail}", "{pattern} 不是通配模式：{detail}"),
    ("write ** between slashes, by itself", "** 要单独写在斜杠之间"),
    ("record {number} is a {type}, not a dict", "第 {number} 条记录是 {type}，不是 dict"),
    ("give at least one dict with a text", "请至少给出一个含有文字的 dict"),
    ("{address} cannot be fetched: {detail}", "{address} 无法获取：{detail}"),
    ("check the address", "请检查地址"),
    (
        "use a server that answers requests for ranges, as nginx does and python -m http.server does not",
        "请用能按范围取文件的服务器，例如 nginx；python -m http.server 不能",
    ),
    ("the tokenizer leads out of the folder of the sources", "分词器文件在源文件的文件夹之外"),
    ("cannot read the tokenizer: {detail}", "无法读取分词器：{detail}"),
    ("check the path", "请检查路径"),
    ("the vocabulary of {name} is not on this machine", "本机没有 {name} 的词表"),
    ("a tokenizer.json needs the package tokenizers", "tokenizer.json 需要 tokenizers 包"),
    ("install hanpack[hf]", "请安装 hanpack[hf]"),
    (
        (
            "did you mean {name}? use one of {names}; the name of a model of OpenAI such as gpt-4o; or the path of a "
            ".tiktoken or tokenizer.json file"
        ),
        "是否想用 {name}？可以用 {names}；OpenAI 模型的名称，如 gpt-4o；或 .tiktoken、tokenizer.json 文件的路径",
    ),
    (
        "use one of {names}; the name of a model of OpenAI such as gpt-4o; or the path of a .tiktoken or tokenizer.json file",
        "可以用 {names}；OpenAI 模型的名称，如 gpt-4o；或 .tiktoken、tokenizer.json 文件的路径",
    ),
    (
        "{tokenizer} has no end-of-text token to put between documents",
        "{tokenizer} 没有可以放在文档之间的结束词元",
    ),
    ("use another tokenizer or leave packed out", "请换一个分词器，或去掉 packed"),
    ("the engine 'ray' needs Ray", "ray 引擎需要 Ray"),
    (
        "pip install 'hanpack[ray]', or use --engine local",
        "请运行 pip install 'hanpack[ray]'，或使用 --engine local",
    ),
    ("pip install {package}", "请运行 pip install {package}"),
    ("write a recipe with 'hanpack init FOLDER'", "可用 hanpack init 文件夹 写一个配方"),
    ("the manifest has another format", "清单是另一种格式"),
    ("use the hanpack that wrote it", "请使用写出它的 hanpack 版本"),
    ("the manifest is broken: {detail}", "清单已损坏：{detail}"),
)
