/** More differences than this, or than a third of a name, and it is another name. */
const MOST_DIFFERENCES = 3

/** The known name that a misspelt one is closest to, whatever its letter case and separators; `undefined` without any. */
export function closestName(name: string, known: readonly string[]): string | undefined {
  let closest: string | undefined
  let least = Math.min(MOST_DIFFERENCES, Math.floor(name.length / 3)) + 1
  for (const candidate of known) {
    const differences = distance(letters(name), letters(candidate))
    if (differences >= least) continue
    least = differences
    closest = candidate
  }
  return closest
}

function letters(name: string): string {
  return name.toLowerCase().replace(/[-_. ]/g, '')
}

/** How many letters to insert, to leave out, to replace or to swap with their neighbours (optimal string alignment). */
function distance(one: string, other: string): number {
  const rows = [Array.from({ length: other.length + 1 }, (_, column) => column)]
  for (let i = 1; i <= one.length; i++) {
    const row = [i]
    for (let j = 1; j <= other.length; j++) {
      const isSame = one[i - 1] === other[j - 1]
      const isSwapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
      row[j] = Math.min(
        at(rows, i - 1, j) + 1,
        (row[j - 1] as number) + 1,
        at(rows, i - 1, j - 1) + (isSame ? 0 : 1),
        isSwapped ? at(rows, i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    rows.push(row)
  }
  return at(rows, one.length, other.length)
}

function at(rows: readonly (readonly number[])[], row: number, column: number): number {
  return rows[row]?.[column] as number
}
