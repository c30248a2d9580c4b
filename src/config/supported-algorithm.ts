/** Whether this runtime can check such signatures. Everything but ML-DSA is older than any Node.js we run on. */
export function isSupportedHere(algorithm: string): boolean {
  if (!algorithm.startsWith('ML-DSA')) return true
  const { SubtleCrypto: runtime } = globalThis as {
    SubtleCrypto?: { supports?: (operation: string, algorithm: string) => boolean }
  }
  return runtime?.supports?.('verify', algorithm) ?? false
}
