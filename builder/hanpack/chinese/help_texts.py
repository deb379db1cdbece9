"""HELP: the help of the program, its commands and its options in Chinese, by the English text."""

from __future__ import annotations

HELP = {
    "Show this message and exit.": "显示本说明并退出。",
    "Package messy raw text, Chinese first, into training datasets that can be audited to the source byte.\n\n"
    "Start with [bold]hanpack build FOLDER[/], the folder of your texts, then [bold]hanpack inspect[/] the "
    "result.": "把杂乱的原始文本（以中文为主）打包成训练数据集，每个字都能追溯到源文件的字节。\n\n"
    "先运行 [bold]hanpack build 文件夹[/]（你的文本所在的文件夹），再用 [bold]hanpack inspect[/] 查看结果。",
    "Exit codes: 0 done, 1 a check or a build failed, 2 wrong usage or recipe, 130 stopped.": "退出码："
    "0 完成，1 检查或构建失败，2 用法或配方有误，130 被中止。",
    "Print the version.": "显示版本。",
    "Print only errors and warnings.": "只显示错误和警告。",
    "Also print stages and where an error arose.": "还显示各阶段，以及错误出现的位置。",
    "Install completion for the current shell.": "为当前 shell 安装命令补全。",
    "Show completion for the current shell, to copy it or customize the installation.": "显示当前 shell "
    "的补全脚本，以便复制或自行安装。",
    "JSON for programs, on stdout.": "向标准输出写 JSON，供程序读取。",
    # scan and init
    "Report on raw files: encoding, script, record shape, damage found, tokens. Changes nothing.": "报告原始"
    "文件的编码、繁简、记录形式、损坏和词元数。不改动任何文件。",
    "Files or folders.": "文件或文件夹。",
    "List every file.": "列出每个文件。",
    "Scan a folder and write a recipe for it, to be read and changed before a build.": "扫描文件夹并写出"
    "配方，可在构建之前查看和修改。",
    "A folder of raw files, or one such file.": "原始文件所在的文件夹，或单个文件。",
    "The recipe to write; by default NAME.yaml here.": "要写的配方；默认是当前文件夹下的 名称.yaml。",
    "For a folder: the target script, keep, hans, hant, tw or hk.": "用于文件夹：目标繁简，keep（不变）、"
    "hans（简体）、hant（繁体）、tw 或 hk。",
    "For a folder: the most tokens of a chunk, 512.": "用于文件夹：每块最多的词元数，默认 512。",
    "For a folder: a tokenizer by name, such as o200k_base or gpt-4o, or a vocabulary file in it.": "用于"
    "文件夹：分词器名称（如 o200k_base 或 gpt-4o），或该文件夹中的词表文件。",
    "For a folder: what a record is, file, line, paragraph, row or chapter.": "用于文件夹：一条记录是什么，file"
    "（文件）、line（行）、paragraph（段落）、row（表格行）或 chapter（章）。",
    "For a folder: the name of the recipe and of the build, its own by default.": "用于文件夹：配方和构建"
    "结果的名称，默认与文件夹同名。",
    # build, clean, push, export
    "Build a folder of texts or a recipe: Parquet shards, a dataset card and a manifest.\n\nA folder is "
    "scanned, and its recipe is written to NAME.yaml here; the next build of the folder uses it. If no input "
    "has changed, nothing is done. A build that was stopped is resumed. If a source changed, only its "
    "records are processed again. Records that cannot be used are in the ledger with the reason.": "构建"
    "一个文本文件夹或一个配方：生成 Parquet 分片、数据集卡片和清单。\n\n文件夹会先被扫描，配方写入当前文件夹的 "
    "名称.yaml，下次构建该文件夹时沿用。输入没有变化时什么也不做；被中止的构建会继续；某个源文件变了，"
    "只重新处理它的记录。不能使用的记录连同原因都在账本（ledger）里。",
    "A folder of texts, or a recipe.": "文本文件夹，或配方。",
    "The output folder; by default dist/NAME.": "输出文件夹；默认是 dist/名称。",
    "Where the flow runs: local or ray.": "在哪里运行：local（本机）或 ray。",
    "Worker processes; by default one for each processor, fewer for small inputs.": "工作进程数；默认每个"
    "处理器一个，输入很少时更少。",
    "Fail if any record is rejected.": "只要有记录被拒绝就失败。",
    "Replace a build of a recipe of another name, or of sources in another folder.": "允许替换由另一个名称"
    "的配方、或由另一个文件夹的源文件生成的结果。",
    "Use nothing that an earlier build has finished.": "不使用以前构建完成的任何部分。",
    "Say what would be done, and do nothing.": "只说明将要做什么，什么也不做。",
    "List and empty the work folder of a build: finished parts, the replaced build. The build stays.\n\n"
    "On a terminal it asks before it deletes. The next build of the recipe then reads all sources again.": "列出"
    "并清空构建的工作文件夹：已完成的部分和被替换的旧结果。构建结果保留。\n\n在终端上会先询问再删除。"
    "之后下一次构建会重新读取所有源文件。",
    "A build: the folder that 'hanpack build' wrote.": "构建结果：hanpack build 写出的文件夹。",
    "A build: the folder that 'hanpack build' wrote, or its URL, such as hf://datasets/OWNER/NAME.": (
        "构建结果：hanpack build 写出的文件夹，或其网址，如 hf://datasets/OWNER/NAME。"
    ),
    "Only list what would be deleted.": "只列出将要删除的内容。",
    "Then make one commit of the history, and delete the files that only it had, for good.": (
        "随后把全部历史合成一次提交，并永久删除只有历史里才有的文件。"
    ),
    "Verify a build and push it to the Hub as one atomic change; old shards there are deleted.\n\n"
    "The commit says what differs from the version before. Log in first with 'hf auth login', or set HF_TOKEN "
    "to a token with write access.": "验证构建结果，并作为一次原子提交推送到 Hub；"
    "那里的旧分片会被删除。\n\n提交说明里有与上一版本的差异。请先用 hf auth login 登录，或把 HF_TOKEN 设为有写权限的令牌。",
    "Only verify, and list the files and the commit message; the Hub is only read.": "只检验并列出文件和提交说明；"
    "对 Hub 只读取。",
    "OWNER/NAME of a dataset on the Hub.": "Hub 上数据集的 所有者/名称。",
    "Make a new repository private; refuse one that is public.": "新建的仓库设为私有；已有的公开仓库则拒绝。",
    "The branch.": "分支。",
    "The commit message.": "提交说明。",
    "Write the packed sequences of a build as the token files of other training software.": "把构建结果中"
    "打包好的序列写成其他训练软件的词元文件。",
    "The software that reads the files: megatron or torchtitan.": "读取这些文件的软件：megatron 或 torchtitan。",
    "The folder to write; OUT-FORMAT beside the build by default.": "要写的文件夹；默认是构建结果旁边的 OUT-FORMAT。",
    # normalize and split
    "Also run this step of a recipe: page, layout, controls, nfc, spaces, phrases, width, quotes, evasions.": (
        "还运行配方中的这一步：page、layout、controls、nfc、spaces、phrases、width、quotes、evasions。"
    ),
    "Only repair and normalise: .jsonl becomes .jsonl (id, text, edits), a text becomes a text.\n\nBy default "
    "only damage is repaired: a text without damage is not changed by a character. Of an HTML page the text "
    "is taken out first.": "只做修复和规范化：.jsonl 得到 .jsonl（id、text、edits），文本得到文本。\n\n默认只修复"
    "损坏：没有损坏的文本一个字也不改。HTML 页面会先取出正文。",
    "A .jsonl of id and text, a text file, or -.": "含 id 和 text 的 .jsonl、文本文件，或 -（标准输入）。",
    "The output; by default stdout.": "输出；默认是标准输出。",
    "Target script: keep, hans, hant, tw or hk.": "目标繁简：keep（不变）、hans（简体）、hant（繁体）、tw 或 hk。",
    "The replacement for XX, *** and other redactions.": "用来替换 XX、*** 等隐去内容的文字。",
    "The encoding of IN; by default it is detected, and UTF-8 for JSON Lines.": "IN 的编码；默认自动判断，"
    "JSON Lines 则为 UTF-8。",
    "Only split: one JSON line for each chunk (id, chunk_index, start, end, token_count, section).": "只做"
    "切分：每块一行 JSON（id、chunk_index、start、end、token_count、section）。",
    "o200k_base, cl100k_base, or a vocabulary file.": "o200k_base、cl100k_base，或词表文件。",
    "The most tokens of a chunk.": "每块最多的词元数。",
    "The most tokens that a chunk repeats of the previous one; at most half of --max-tokens.": "每块最多重复"
    "前一块的多少词元；至多是 --max-tokens 的一半。",
    "The column of the text in JSON Lines, or a path of keys such as data.text.": "JSON Lines 中正文所在的列，或"
    " data.text 这样的键路径。",
    "What has priority: full chunks (fill) or the outline (structure).": "优先什么：装满每块（fill），还是"
    "遵从文章结构（structure）。",
    # inspect, trace, find
    "Show what is in a build: counts, a histogram of tokens, samples; or the result of an SQL query.": "显示"
    "构建结果的内容：数量、词元直方图、样本；或 SQL 查询的结果。",
    "How many sample rows.": "显示多少行样本。",
    "Show rows of this table: chunks, documents, ledger or another.": "显示这个表的若干行：chunks、"
    "documents、ledger 或其他表。",
    "Show the chunk with this id.": "显示具有此 id 的块。",
    "Show the document with this id.": "显示具有此 id 的文档。",
    "Show chunks that contain this text.": "显示包含这段文字的块。",
    "SQL for DuckDB over the views chunks, documents and ledger.": "对视图 chunks、documents 和 ledger 执行的"
    " DuckDB SQL。",
    "Show a chunk beside the raw bytes it came from, with every edit between them.": "把一个块与它来自的"
    "原始字节并排显示，并列出其间的每处改动。",
    "Trace the chunk that contains this text; of several, list them.": "追溯包含这段文字的块；有多个时列出它们。",
    "Which screen of a long chunk is shown.": "长块显示第几屏。",
    "The folder where the sources are now, if they were moved.": "源文件移动过时，它们现在所在的文件夹。",
    "Say where a text is, in any script, width, punctuation and spacing, and what became of it.\n\nIt is kept "
    "in these chunks, in a copy that was left out, removed by a step, or in a record that was rejected or "
    "withdrawn. Found or not found, the exit code is 0.": "说明一段文字在哪里（不论繁简、全半角、标点和空格），"
    "以及它怎么样了。\n\n它或保留在某些块里，或在被略去的副本里，或被某一步删除，或在被拒绝、撤回的记录里。"
    "无论是否找到，退出码都是 0。",
    "The texts to look for, each in quotes if it has blanks. One of fewer than three letters or digits takes longer.": (
        "要查找的文字，含空格的放在引号里；少于三个字的要多花些时间。"
    ),
    "With --dry-run: whether to verify the build first.": "与 --dry-run 连用：是否先验证构建。",
    "Show all changes of the texts of changed documents.": "显示已更改文档的文本的全部改动。",
    "The id of a chunk, or its beginning.": "块的 id，或其开头。",
    "A file of texts, one a line; JSON Lines of strings or of 'text'.": "每行一段文字的文件；或字符串、"
    "含 'text' 的 JSON Lines。",
    "The most places of each kind for a text.": "每段文字每种位置最多显示多少处。",
    "Also search the sources for what was removed.": "也在源文件中查找被删除的内容。",
    # verify, report, diff
    "Build again from the sources, compare every row, and prove hashes, spans, budgets and the ledger.\n\n"
    "The first line says whether it passed. What is not proven is said below it, and is a failure only with "
    "--strict. Recounts are the texts whose tokens the reference tokenizer counted again: a sample of them.": (
        "从源文件重新构建，逐行比较，并证明哈希、字节范围、词元上限和账本。\n\n第一行说明是否通过。未能证明的列在下面，"
        "只有用 --strict 时才算作失败。复核计数是用参考分词器重新数过词元的文本：其中的一个样本。"
    ),
    "The recipe that the build must have been made with.": "构建结果必须由这个配方生成。",
    "Fail if anything is not proven, not only if something is wrong.": "有任何一点未能证明就失败，而不只是有错时。",
    "Write one self-contained HTML page: figures, charts, and chunks with every edit on the raw text.": "写出"
    "一个独立的 HTML 页面：数据、图表，以及在原文上标出每处改动的块。",
    "The page to write; by default NAME-report.html here.": "要写的页面；默认是当前文件夹下的 名称-report.html。",
    "How many chunks the page shows.": "页面显示多少个块。",
    "Show what changed between two builds: documents, chunks that kept their id, figures, recipe.": "显示两次"
    "构建之间的变化：文档、id 不变的块、数据、配方。",
    "The earlier build.": "较早的构建结果。",
    "The later build.": "较晚的构建结果。",
    # withdraw
    "Take a document, its copies and its passages out of a build and of every later one, and prove it.\n\n"
    "What goes is listed first; on a terminal you are asked, a script looks with --dry-run before. The recipe "
    "gets a file of signatures beside it, without any text, and only the shards that change are written again. A "
    "passage is a run of whole sentences of at least 80 characters, punctuation not counted; a shorter text is "
    "recognised in others as a whole. To take a request back, delete its line in withdrawals.jsonl beside the "
    "recipe and build again.\n\nExports are named where they were written from this machine; copies of them elsewhere are "
    "not known.\n\nCopies that load_dataset has made are in the cache of Hugging Face "
    "(~/.cache/huggingface) on each machine: delete them there. What was pushed is also in the history: hanpack push "
    "with --erase-history.": "把一篇文档、它的副本和片段"
    "从这个及以后的每个构建结果中撤回，并加以证明。\n\n先列出将撤回的内容；在终端上会询问，脚本请先用 --dry-run 查看。配方旁会写一个"
    "签名文件，其中没有任何原文；只重写有变化的分片。片段是至少 80 个字（不计标点）的若干整句；更短的文本整篇出现在别处时也能认出。"
    "要收回请求，请在配方旁边的 withdrawals.jsonl 中删除它那一行，再构建一次。"
    "\n\n从这台机器写出的导出会按写出的位置指明；拷贝到别处的不得而知。"
    "\n\nload_dataset 留下的副本在各台机器上 Hugging Face 的缓存里（~/.cache/huggingface）：请在那里删除。"
    "推送过的内容还在仓库的历史里：用 hanpack push 的 --erase-history 抹去。",
    "Why, in a few words; ledger and receipt have them.": "撤回的原因，几个字即可；账本和凭证里都有。",
    "Take out all of this source, by its path in the build.": "撤回整个源文件（构建结果中的路径）。",
    "Take out the documents with this address.": "撤回具有此网址的文档。",
    "Take out the document whose id is this or begins so.": "撤回 id 为此值或以此开头的文档。",
    "Take out the text in this file, and its copies.": "撤回此文件里的文本及其副本。",
    "The id of the request; by default it is made from what is named.": "请求的编号；默认由所指明的内容生成。",
    "The date of the request, as YYYY-MM-DD; by default today.": "请求的日期（YYYY-MM-DD）；默认是今天。",
    "The recipe, if it is not where it was when the build was made.": "配方；如果已不在构建时的位置。",
    "The receipt, without suffix; by default NAME-withdrawal-REQUEST here.": "凭证的文件名，不带后缀；"
    "默认是当前文件夹下的 名称-withdrawal-编号。",
    "Also take what other documents have of it, word for word, from 80 characters on.": "也撤回其他文档中逐字"
    "相同的片段（至少 80 个字）。",
    "Accept an address that no record has, for later builds.": "接受没有任何记录具有的网址，使以后的构建不含它。",
    "Only list what would be taken out.": "只列出将撤回的内容。",
    "Do not ask. Without a terminal nothing is asked anyway.": "不询问。没有终端时本来就不询问。",
    "Shorten nothing: long stretches without edits, markup, the list.": "什么都不省略：没有改动的长段、长标记和改动列表。",
    "Trace a token of a packed sequence: its row and place there, from 0.": "追溯打包序列中的一个词元："
    "它的行号和行内位置，从 0 数起。",
    # sign, certify, check
    "Sign a build: an in-toto statement over all its files, and one over its root.\n\nSigning needs no network. A "
    "build that replaces this one has to be signed again.": "为构建结果签名：一份关于其全部文件的 in-toto 声明，"
    "一份关于其根哈希的声明。\n\n签名不需要网络。替换它的新构建结果要重新签名。",
    "A private key in PEM or OpenSSH form.": "PEM 或 OpenSSH 格式的私钥。",
    "Write a certificate: a small file that proves, without the dataset, that a row is in a signed build.": "写出"
    "证书：一个小文件，不用数据集就能证明某一行在已签名的构建结果里。",
    "The table of the chunk.": "块所在的表。",
    "A record, as SOURCE:NUMBER: proves what became of it.": "一条记录，写成 源文件:序号：证明它的去向。",
    "The file; by default stdout.": "要写的文件；默认写到标准输出。",
    "Check a certificate: its row, the proof that leads from it to the signed root, and the signature.": "检查"
    "证书：其中的行、从它到已签名根哈希的证明，以及签名。",
    "A certificate.": "证书。",
    "The public key of the signer, in PEM or OpenSSH form.": "签名者的公钥，PEM 或 OpenSSH 格式。",
    "The public key that must have signed the build.": "必须是用这个公钥对应的私钥签的名。",
}
