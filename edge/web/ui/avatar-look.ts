/** Two letters that stand for a name: of its first and last word, or of its start. */
export function initialsOf(name: string): string {
  const words = name
    .replace(/@.*$/u, '')
    .split(/[\s._-]+/u)
    .filter((word) => word !== '')
  const first = words.at(0)
  if (first === undefined) return '?'
  const last = words.length > 1 ? words.at(-1) : undefined
  const letters = last === undefined ? lettersOf(first).slice(0, 2) : [lettersOf(first)[0], lettersOf(last)[0]]
  return letters.join('').toLocaleUpperCase()
}

/** What a reader takes for single letters, whatever they are made of. */
const lettersOf = (word: string): string[] => Array.from(new Intl.Segmenter().segment(word), ({ segment }) => segment)

/** A hue in degrees that always belongs to the same person, spread evenly over those there are. */
export function hueOf(identity: string): number {
  // FNV-1a, 32 bits: short names that differ in one letter land far apart.
  let hash = 0x811c9dc5
  for (const character of identity) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  }
  // The last mixing steps of MurmurHash3: names that share their domain would else share their colour.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  hash = (hash ^ (hash >>> 16)) >>> 0
  return Math.round((hash % 24) * 15)
}
