/** The candidates within edit distance 2 of a word, 1 of a short one, none of a letter (case does not count), nearest first (of two as near the one that begins alike for longer), at most `limit`. */
export function suggest(word: string, candidates: Iterable<string>, limit = 3): string[] {
  const wanted = word.toLowerCase();
  const near: { readonly text: string; readonly distance: number }[] = [];
  for (const text of candidates) {
    const allowed = wanted.length <= 1 ? 0 : wanted.length <= 3 ? 1 : 2;
    const distance = editDistance(wanted, text.toLowerCase(), allowed);
    if (distance <= allowed) near.push({ text, distance });
  }
  near.sort((a, b) => a.distance - b.distance || sharedStart(wanted, b.text) - sharedStart(wanted, a.text) || (a.text < b.text ? -1 : 1));
  return near.slice(0, limit).map((candidate) => candidate.text);
}

/** `did you mean "x"?`, or undefined when nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const best = suggest(word, candidates, 1)[0];
  return best === undefined ? undefined : `did you mean "${best}"?`;
}

/** Names that are listed; more would hide the sentence before them. */
const mostListed = 12;

/** What there is, in a line behind `lead`; undefined when there is nothing. */
export function listed(lead: string, names: Iterable<string>): string | undefined {
  const all = [...names];
  if (all.length === 0) return undefined;
  return `${lead} ${all.slice(0, mostListed).join(', ')}${all.length > mostListed ? ` and ${all.length - mostListed} more` : ''}`;
}

/** For a name that is not there: the one that is near, else those there are behind `lead`. */
export function nearOrListed(word: string, names: Iterable<string>, lead: string): { readonly label: string | undefined; readonly hint: string | undefined } {
  const all = [...names];
  const label = didYouMean(word, all);
  return { label, hint: label === undefined ? listed(lead, all) : undefined };
}

/** How many letters at the start are the same; `word` is in small letters. */
function sharedStart(word: string, text: string): number {
  const small = text.toLowerCase();
  let length = 0;
  while (length < word.length && word[length] === small[length]) length++;
  return length;
}

/** Optimal string alignment distance (insert, delete, replace, swap of neighbours); `limit + 1` when it is more than `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? limit + 1;
}
