/** Measures two, one right after the other, and returns their figures in the order given. */
export async function inTurn([one, other], forwards, measure) {
  if (forwards) return [await measure(one), await measure(other)]
  const ofOther = await measure(other)
  return [await measure(one), ofOther]
}
