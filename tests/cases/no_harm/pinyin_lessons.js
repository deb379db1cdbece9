// 课文和生词，拼音写在单独的字段里
export const lessons = [
  {
    id: 'lesson-01',
    title: '你好',
    words: [
      { hanzi: '你好', pinyin: 'nǐ hǎo', meaning: 'hello' },
      { hanzi: '谢谢', pinyin: 'xièxie', meaning: 'thanks' },
      { hanzi: '不客气', pinyin: 'bú kèqi', meaning: "you're welcome" },
    ],
    dialog: ['A: 你好！(Nǐ hǎo!)', 'B: 你好，请进。(Nǐ hǎo, qǐng jìn.)'],
  },
  {
    id: 'lesson-02',
    title: '几点了？',
    words: [
      { hanzi: '现在', pinyin: 'xiànzài', meaning: 'now' },
      { hanzi: '几', pinyin: 'jǐ', meaning: 'how many (少于十)' },
      { hanzi: '点', pinyin: 'diǎn', meaning: "o'clock" },
    ],
    dialog: ['A: 现在几点？', 'B: 十二点半(12:30)。'],
  },
];
