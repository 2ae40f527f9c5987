/* The search of the handbook: pure functions, no page, no network. scripts/kb/search.py makes what it reads.

   kbSearch.load(titles, text) returns an engine; without text it searches titles and summaries only.
   engine.search(query, most) returns results, best first:
   {url, title, kind, summary, section: {anchor, heading} or null, words: [stems that matched], score}. */
"use strict";
(() => {
  // The same rules stand in scripts/kb/search.py; a test compares them over all words of the handbook.
  const TAG = /\b([0-9a-fx]{4}),\s?([0-9a-fx]{4})\b/gi;
  const CHUNK = /[A-Za-z0-9]+(?:[-_^.:,/+&~\\]+[A-Za-z0-9]+)*/g;
  const PLAIN = /^[A-Za-z][a-z]{1,23}$/;
  // Whole words: nobody writes benefit-cost as one, while e-mail, C-MOVE and ORM^O01 come either way.
  const PARTS = /^[A-Za-z]{4,}(?:[-/.:&+]+[A-Za-z]{4,})+$/;
  const JOINT = /[^A-Za-z0-9]+/, HUMP = /[a-z][A-Z]/, HUMPS = /([a-z])([A-Z])/g;
  const WORD = /^(?!\d{1,2}$|\d{5,6}$)[A-Za-z0-9]{2,24}$/;
  // Where in a program's code a pasted line was printed: a class with its package, a file with its line.
  const CODE = /\b(?:[a-z]\w*\.){2,}\w+|\b\w+\.(?:cpp|cc|java|py|js|cs|go):\d+/g;
  const ENDING = /(?:[se]|[ie]d|ing|ion|([bdgmnprt])\1)$|^0x|^[0-9a-f]{4}h$/;   // what any of the rules below needs; most words have none
  const STEMS = [
    [/^0x([0-9a-f]+)$/, "$1"],
    [/^([0-9a-f]{4})h$/, "$1"],
    [/^([a-z]{3,})ie[sd]$/, "$1y"],
    [/^([a-z]+(?:ss|x|ch|sh))es$/, "$1"],
    [/^([a-z]*[b-df-hj-rt-z]|[a-z]+[aeo])s$/, "$1"],
    [/^([a-z]{4,})(?:ing|ed)$/, "$1"],
    [/^(?!access|certificat)([a-z]{4,}[st])ion$/, "$1"],
    [/^([a-z]{3,})([bdgmnprt])\2$/, "$1$2"],
    [/^([a-z]{4,})e$/, "$1"],
  ];

  const stems = new Map();   // words come again and again
  function stem(word) {
    let found = stems.get(word);
    if (found === undefined) {
      found = ENDING.test(word) ? STEMS.reduce((left, [pattern, put]) => left.replace(pattern, put), word) : word;
      stems.set(word, found);
    }
    return found;
  }

  /* Lower-case words of a text before stemming: `ORM^O01` gives ormo01, orm, o01. */
  function split(text) {
    const plain = /[^\x00-\x7f]/.test(text) ? text.normalize("NFKD").replace(/\p{M}/gu, "").replace(/’/g, "'") : text;
    const found = [];
    const add = (word) => { if (word.length > 1 && WORD.test(word)) found.push(word.toLowerCase()); };
    for (const chunk of plain.replace(/'(s\b)?/g, "").replace(TAG, " $1$2 ").match(CHUNK) || []) {
      if (PLAIN.test(chunk)) { found.push(chunk.toLowerCase()); continue; }   // nearly all of them
      const parts = chunk.split(JOINT);
      if (parts.length > 1 && !PARTS.test(chunk)) add(parts.join(""));
      for (const part of parts) {
        add(part);
        if (HUMP.test(part)) part.replace(HUMPS, "$1 $2").split(" ").forEach(add);
      }
    }
    return found;
  }

  const words = (text) => split(text).map(stem);
  const pairs = (list) => [...new Set(list.slice(1).map((word, i) => `${list[i]} ${word}`))];

  // Numbers in printable characters; those from the LAST-th on say that more follow.
  const DIGITS = Array.from({ length: 92 }, (_, i) => String.fromCharCode(i + 35)).filter((c) => !"\\,".includes(c));
  const LAST = 62;
  const VALUE = new Uint8Array(127);
  DIGITS.forEach((char, value) => { VALUE[char.charCodeAt(0)] = value; });

  function numbers(text) {
    const found = [];
    for (let i = 0, value = 0; i < text.length; i++) {
      const digit = VALUE[text.charCodeAt(i)];
      if (digit < LAST) { found.push(value * LAST + digit); value = 0; }
      else value = value * (DIGITS.length - LAST) + digit - LAST;
    }
    return found;
  }

  /* Rising numbers from the differences between them, less one. */
  const rising = (text) => { let last = -1; return numbers(text).map((step) => (last += step + 1)); };

  /* Edits between two words, a swap of neighbors being one; `most` + 1 when there are more than `most`. */
  function edits(a, b, most) {
    if (Math.abs(a.length - b.length) > most) return most + 1;
    let before = [], last = Array.from({ length: b.length + 1 }, (_, j) => j);
    for (let i = 1; i <= a.length; i++) {
      const row = [i];
      let least = i;
      for (let j = 1; j <= b.length; j++) {
        row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
        least = Math.min(least, row[j]);
      }
      if (least > most) return most + 1;
      [before, last] = [last, row];
    }
    return last[b.length];
  }

  /* One bit for each letter of a word: words k edits apart differ in at most 2k bits, which spares most comparisons. */
  const mask = (word) => { let bits = 0; for (let i = 0; i < word.length; i++) bits |= 1 << (word.charCodeAt(i) & 31); return bits; };
  const ones = (bits) => { let n = 0; for (; bits; n++) bits &= bits - 1; return n; };

  const slug = (text) => text.replace(/[^\w\s-]/g, "").trim().toLowerCase().replace(/[-\s]+/g, "-");
  const first = (list, wanted) => {
    let low = 0, high = list.length;
    while (low < high) { const middle = (low + high) >> 1; if (list[middle] < wanted) low = middle + 1; else high = middle; }
    return low;
  };

  // What a match is worth by the place it stands in; a match in a section counts 1.
  const TITLE = 3, NAME = 1, SUMMARY = 1, ABOUT = 2.5, SAME = 2, ALL = 2;
  const WORDS = 24;   // of a pasted text, the rarest
  const PASTED = 8;   // a query of more words was pasted, so its unknown words are names and not misspellings
  const LONG = 300;   // words that are read of a pasted text
  const SAID = 1.5;   // a whole line, of what the best page is worth
  const HEARD = 1.5;  // the same for what people say
  const ENTRY = 1.2;  // the same for an entry about a code that is asked for
  const LIST = 100;   // sections that make a page a list of entries
  const ALIKE = 12;   // sections with the same heading, beyond which it is a form and no subject
  const RANGE = 60;   // words that one beginning may stand for
  // Words that tell of the asking and not of what is asked for, though few pages hold them.
  const FILLER = new Set(words("a after all am an and any are as at be because become but by can cannot come comes coming could did do does even for from get gets getting give go goes going got had has have how i if in is it its just keep keeps know let like made make makes many may me much must my need needs no not now of off on only or our out please put say says see seem should show so some still such tell than that the their them then there these they this those to too try trying us use using very want wants was we went were what when where which while who whom why will with without wont would you your"));
  const LIGHT = 0.15;  // what such a word weighs

  /* What the small index gives; kept, since it is wanted again when the full text has come. */
  const fronts = new WeakMap();
  function front(titles) {
    if (fronts.has(titles)) return fronts.get(titles);
    const field = new Map();      // word → page → worth of the title, address and summary in which it stands
    const put = (list, page, worth) => {
      for (const word of new Set(list)) {
        const on = field.get(word);
        if (on) on.set(page, (on.get(page) || 0) + worth);
        else field.set(word, new Map([[page, worth]]));
      }
    };
    const titleWords = titles.pages.map(([, title]) => words(title));
    titles.pages.forEach(([url, , , summary], page) => {
      put(titleWords[page], page, TITLE);
      put(url.split(/\W+/).filter(Boolean).map(stem).filter((word) => !titleWords[page].includes(word)), page, NAME);
      put(words(summary), page, SUMMARY);
    });
    // Abbreviation → meanings, and each meaning with its abbreviation.
    const shorts = new Map(), longs = [];
    for (const [short, long] of titles.terms) {
      const [key] = words(short), meaning = words(long);
      if (!key || short.includes(" ") || meaning.length < 2) continue;
      shorts.set(key, [...(shorts.get(key) || []), meaning]);
      longs.push([meaning, key]);
    }
    fronts.set(titles, { field, titleWords, shorts, longs });
    return fronts.get(titles);
  }

  function load(titles, text) {
    const pages = titles.pages, { field, titleWords, shorts, longs } = front(titles);
    let lexicon, places = [], headings = [], pageOf = [], start = [];
    if (text) {
      let before = "";
      lexicon = text.words.split(",").map((entry) => (before = before.slice(0, VALUE[entry.charCodeAt(0)]) + entry.slice(1)));
      places = text.places.split(",");
      text.sections.split("\n").forEach((line, page) => {
        start.push(headings.length);
        for (const section of line.split("\v")) { headings.push(section); pageOf.push(page); }
      });
    } else lexicon = [...field.keys()].sort();
    const alike = new Map();   // heading → sections that bear it
    for (const heading of headings) alike.set(heading, (alike.get(heading) || 0) + 1);
    // What people say → words of the handbook, or meanings of several words.
    const meant = new Map(), meanings = new Map();
    for (const line of ((text && text.said) || "").split("\n").filter(Boolean)) {
      const [[word], ...means] = line.split("\t").map(words);
      meant.set(word, means.filter((meaning) => meaning.length === 1).flat());
      meanings.set(word, means.filter((meaning) => meaning.length > 1));
    }
    const heard = ((text && text.heard) || "").split("\n").filter(Boolean).flatMap((line) => {
      const [page, ...phrases] = line.split("\t");
      return phrases.map((phrase) => ({ page: numbers(page)[0], words: new Set(words(phrase)) }));
    });
    const lines = ((text && text.lines) || "").split("\n").filter(Boolean).map((line) => {
      const [printed, on] = line.split("\t");
      return { pairs: pairs(words(printed)), on: rising(on) };
    });
    const common = new Map();   // pair of words → lines that hold it
    for (const line of lines) for (const pair of line.pairs) common.set(pair, (common.get(pair) || 0) + 1);
    let masks = null;
    const decoded = new Map(), headingWords = new Map();

    const at = (word) => { const i = first(lexicon, word); return lexicon[i] === word ? i : -1; };
    /* Where a word stands: its sections when it is rare, page → how much of the page is about it (0 to ABOUT), and on
       how many pages. Decoded when a query asks for it, and kept. */
    function held(word) {
      if (decoded.has(word)) return decoded.get(word);
      const place = (text && places[at(word)]) || "", on = new Map();
      let sections = [], count = 0;
      const add = (list, worth) => list.forEach((page) => on.set(page, Math.min(ABOUT, (on.get(page) || 0) + worth)));
      if (place[0] === "!") {
        const [, [...head], rest] = place.split("!");
        let end = 0;
        while (VALUE[head[end].charCodeAt(0)] >= LAST) end++;
        count = numbers(head.slice(0, end + 1).join(""))[0];
        add(rising(head.slice(end + 1).join("")), ABOUT);
        add(rising(rest), 1);
      } else {
        sections = rising(place);
        add(sections.map((section) => pageOf[section]), 1);
      }
      const front = field.get(word) || new Map();
      const found = { sections, on, front, count: count || on.size || front.size };
      decoded.set(word, found);
      return found;
    }
    const rarity = (count) => Math.max(0.05, Math.log((pages.length + 1) / (count + 0.5)));

    const weight = (word) => rarity(held(word).count) * (FILLER.has(word) ? LIGHT : 1);

    function beginning(word, quality) {
      const found = [];
      for (let i = first(lexicon, word); i < lexicon.length && lexicon[i].startsWith(word) && found.length < RANGE; i++)
        found.push([lexicon[i], quality * (0.5 + 0.5 * word.length / lexicon[i].length)]);
      return found;
    }

    function misspelled(word, stemmed) {
      const most = word.length >= 8 ? 2 : word.length >= 5 ? 1 : 0;
      if (!most || /\d/.test(word)) return [];
      masks = masks || Int32Array.from(lexicon, mask);
      const own = mask(stemmed);
      const found = [];
      for (let i = 0; i < lexicon.length; i++) {
        if (ones(masks[i] ^ own) > 2 * most || lexicon[i].length < 3) continue;
        // The ending may be what is misspelled, and then it is still there.
        const distance = Math.min(edits(stemmed, lexicon[i], most), word === stemmed ? most + 1 : edits(word, lexicon[i], most));
        if (distance <= most) found.push([lexicon[i], distance > 1 ? 0.5 : 0.7, held(lexicon[i]).count / 10 ** distance]);
      }
      // A word that is common here is meant rather than a rare one that is a letter nearer.
      return found.sort((a, b) => b[2] - a[2]).slice(0, 4);
    }

    /* Each word of the query with the words of the handbook that it may stand for: [[word, quality]]. */
    function units(query) {
      // "MSH 9" is meant as MSH-9; a short number alone is no word of the index.
      const raw = split(query.replace(CODE, " ").replace(/\b([A-Za-z]{2,4}) (\d{1,2})\b/g, "$1 $1-$2")).slice(0, LONG);
      const roots = raw.map(stem), pasted = new Set(roots).size > PASTED, open = /\S$/.test(query) ? raw.length - 1 : -1;
      const seen = new Map(), decides = new Map();
      raw.forEach((word, i) => {
        if (seen.has(roots[i])) return;
        const instead = (meant.get(roots[i]) || []).filter((other) => at(other) >= 0).map((other) => [other, 0.9]);
        const found = [...instead, ...(at(roots[i]) < 0 ? [] : [[roots[i], instead.length ? 0.7 : 1]])];
        if (i === open || (!found.length && word.length >= 4)) {
          found.push(...beginning(word, found.length ? 0.3 : 0.9));
          if (word !== roots[i] && !found.length) found.push(...beginning(roots[i], 0.8));
        }
        // A700 is one of A7xx.
        const family = /^[0-9a-f]{4}$/.test(roots[i]) ? roots[i].slice(0, 2) + "xx" : "";
        if (family && at(family) >= 0) found.push([family, 0.7]);
        const joined = raw[i + 1] && stem(word + raw[i + 1]), joining = i && stem(raw[i - 1] + word);
        for (const both of [joined, joining]) if (both && both.length > 3 && at(both) >= 0) found.push([both, 0.9]);
        if (!found.length && !pasted) found.push(...misspelled(word, roots[i]));
        seen.set(roots[i], found);
        if (instead.length) decides.set(roots[i], instead.length);
      });
      // A meaning written out stands for its abbreviation too.
      for (const [meaning, short] of longs)
        if (meaning.every((word) => seen.has(word)) && at(short) >= 0) meaning.forEach((word) => seen.get(word).push([short, 0.9]));
      return [...seen].map(([word, found]) => ({ word, found, decide: decides.get(word), meanings: [...(shorts.get(word) || []), ...(meanings.get(word) || [])] }));
    }

    /* Where a unit matches: sections → quality, and page → worth of front matter and of text. */
    function matches(unit) {
      const sections = new Map(), front = new Map(), body = new Map();
      const keep = (map, key, value) => { if (!(map.get(key) >= value)) map.set(key, value); };
      let count = 0;
      // How rare a word is counts for itself; for what it may stand for, the commonest decides.
      const decide = unit.decide || (unit.found.length && unit.found[0][1] < 1 ? unit.found.length : 1);
      unit.found.forEach(([word, quality], i) => {
        const place = held(word);
        if (i < decide) count = Math.max(count, place.count);
        for (const section of place.sections) keep(sections, section, quality);
        for (const [page, worth] of place.on) keep(body, page, worth * quality);
        for (const [page, worth] of place.front) keep(front, page, worth * quality);
      });
      // An abbreviation stands for its meaning where all of it stands on one page.
      for (const meaning of unit.meanings) {
        const places = meaning.map(held);
        for (const [from, to] of [["on", body], ["front", front]]) {
          for (const page of places[0][from].keys()) {
            const worths = places.map((place) => place[from].get(page) || 0);
            if (Math.min(...worths)) keep(to, page, 0.8 * Math.min(...worths));
          }
        }
      }
      return { unit, sections, front, body, rare: rarity(count || Math.max(front.size, body.size)) * (FILLER.has(unit.word) ? LIGHT : 1) };
    }

    function search(query, most = 20) {
      // Words that stand nowhere say nothing; of a long pasted text the rarest words decide.
      const asked = units(query).map(matches).filter(({ front, body }) => front.size || body.size)
        .sort((a, b) => b.rare - a.rare).slice(0, WORDS);
      const sum = asked.reduce((left, { rare }) => left + rare, 0);
      const score = new Float64Array(pages.length), covered = new Float64Array(pages.length);
      const inSection = new Map();
      for (const { sections, front, body, rare } of asked) {
        for (const [section, quality] of sections) inSection.set(section, (inSection.get(section) || 0) + rare * quality);
        for (const page of new Set([...front.keys(), ...body.keys()])) {
          const worth = (front.get(page) || 0) + (body.get(page) || 0);
          score[page] += rare * worth;
          covered[page] += rare * Math.min(1, worth);
        }
      }
      // A page with all the words comes before one with many of the same.
      const finish = (page, extra) => (score[page] + extra) * (covered[page] / sum) ** ALL * titles.kinds[pages[page][2]][1];
      const wanted = new Map();
      for (const { unit, rare } of asked)
        for (const [word, quality] of unit.found) wanted.set(word, Math.max(wanted.get(word) || 0, rare * quality));
      const ranked = [...score.keys()].filter((page) => score[page]).sort((a, b) => finish(b, 0) - finish(a, 0) || a - b);
      // Long lists are looked into wherever they rank: one entry of theirs may be just what is asked for.
      const said = printed(query), spoken = likely(asked);
      for (const page of [...said.keys(), ...spoken.keys()]) if (!ranked.includes(page)) ranked.push(page);
      const candidates = ranked.filter((page, rank) => rank < most * 2 || start[page + 1] - start[page] > LIST);
      const results = candidates.map((page) => {
        const [url, title, kind, summary] = pages[page];
        const { section, worth } = bestSection(page, inSection, wanted, sum);
        const whole = overlap(titleWords[page], wanted, sum);
        return { page, url, title, kind: titles.kinds[kind][0], summary, section, words: [...wanted.keys()], score: finish(page, worth + whole) };
      });
      // Words in the order of a line that a page explains say more than the same words anywhere.
      const top = results.reduce((left, { score }) => Math.max(left, score), 0) || 1;
      for (const result of results)
        result.score += top * (SAID * (said.get(result.page) || 0) + HEARD * (spoken.get(result.page) || 0) + (entry(result, asked) ? ENTRY : 0));
      return results.sort((a, b) => b.score - a.score).slice(0, most);
    }

    /* Whether the section of a result is headed by a code of the query, or by all of it, as in a dictionary. */
    const entry = ({ section }, asked) => section && asked.some(({ unit: { word } }) =>
      (/^(?=.*\d).{4}/.test(word) || (asked.length === 1 && shorts.has(word))) && words(section.heading).includes(word));

    /* Page → how much the query is like something that people say who need it: 0 to 1. */
    function likely(asked) {
      const found = new Map();
      const whole = asked.reduce((left, { rare }) => left + rare, 0);
      for (const { page, words } of heard) {
        let both = 0, own = 0;
        const left = new Set(words);
        for (const { unit, rare } of asked) {
          const hit = unit.found.find(([word]) => left.has(word));
          if (hit) { both += rare * hit[1]; left.delete(hit[0]); }
        }
        if (!both) continue;
        for (const word of left) own += weight(word);
        found.set(page, Math.max(found.get(page) || 0, both / (whole + own)));
      }
      return found;
    }

    /* Page → how much of a line that it explains stands in the query, in the order of its words: 0 to 1. */
    function printed(query) {
      const asked = new Set(pairs(split(query).slice(0, LONG).map(stem))), found = new Map();
      for (const { pairs, on } of lines) {
        let whole = 0, there = 0, hits = 0;
        for (const pair of pairs) {
          const rare = 1 / Math.sqrt(common.get(pair));
          whole += rare;
          if (asked.has(pair)) { there += rare; hits++; }
        }
        if (!hits || (hits < 2 && hits < pairs.length)) continue;
        for (const page of on) found.set(page, Math.max(found.get(page) || 0, there / whole));
      }
      return found;
    }

    /* What it is worth that a title or heading says the wanted words: the more, the less else both say. */
    function overlap(own, wanted, sum) {
      const hits = own.filter((word) => wanted.has(word));
      const worth = hits.reduce((left, word) => left + wanted.get(word), 0);
      const same = hits.length === own.length && worth > 0.99 * sum ? 2 * TITLE : 0;
      return worth * (Math.min(1, worth / sum) * (hits.length / (own.length || 1)) ** 2 * SAME + same);
    }

    /* The section of a page that matches best, null when that is the page as a whole. */
    function bestSection(page, inSection, wanted, sum) {
      let section = null, worth = 0;
      if (!text) return { section, worth };
      const end = start[page + 1] ?? headings.length;
      for (let at = start[page]; at < end; at++) {
        const [anchor, heading] = headings[at].includes("\t") ? headings[at].split("\t") : [null, headings[at]];
        // A heading that a whole kind of pages has says nothing about any of them.
        if (!headingWords.has(at)) headingWords.set(at, alike.get(headings[at]) > ALIKE ? [] : [...new Set(words(heading))]);
        const own = headingWords.get(at), bonus = at > start[page] ? own.reduce((left, word) => left + (wanted.get(word) || 0), 0) : 0;
        const value = (inSection.get(at) || 0) + (bonus && bonus + overlap(own, wanted, sum));
        if (value > worth) {
          worth = value;
          section = at > start[page] ? { anchor: anchor ?? slug(heading), heading: heading || legible(anchor) } : null;
        }
      }
      return { section, worth };
    }

    const legible = (anchor) => (anchor[0] || "").toUpperCase() + anchor.slice(1).replace(/-/g, " ");
    return { search };
  }

  // The index files may have come first.
  Object.assign((globalThis.kbSearch ??= {}), { load, words });
})();
