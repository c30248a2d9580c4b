import { fetchAccessToken } from './access-token.js'
import type { RunningProvider } from './provider.js'
import { withRole } from './tampered-token.js'

/** What each caller sends, by name. Whoever is missing here sends nothing. */
export type Tokens = Readonly<Record<string, string>>

/** A live token for every account of the provider, and one that was tampered with for the forger. */
export async function obtainTokens(provider: RunningProvider): Promise<Tokens> {
  const issued: Record<string, string> = {}
  for (const account of provider.accounts) {
    issued[account.id] = await fetchAccessToken(provider.tokenEndpoint, account)
  }
  return { ...issued, forger: withRole(issued['viewer'] ?? '', 'admin') }
}
