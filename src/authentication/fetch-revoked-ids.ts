import type { AuthClientSettings } from '../config/auth-client-settings.js'
import { FetchError, fetchJson, withoutQuery } from '../keys/fetch-json.js'

/** Where the ids of revoked tokens are to be had. */
export type RevocationEndpoint = Pick<AuthClientSettings, 'revocationEndpoint' | 'revocationBearer' | 'jwksTimeoutMs'>

const MAX_BYTES = 16 * 1024 * 1024

/**
 * The ids (`jti`) of revoked tokens, as an endpoint lists them: `{ "items": [{ "jti": "…" }] }` or `["…"]`.
 *
 * @throws {FetchError} also for a list that is malformed anywhere: it is not believed at all.
 */
export async function fetchRevokedIds({
  revocationEndpoint: url,
  revocationBearer: bearer,
  jwksTimeoutMs: timeoutMs,
}: RevocationEndpoint): Promise<ReadonlySet<string>> {
  const document = await fetchJson(url, { timeoutMs, maxBytes: MAX_BYTES, bearer })
  const items: unknown = Array.isArray(document) ? document : (document as { items?: unknown } | null)?.items
  if (!Array.isArray(items)) throw new FetchError(`${withoutQuery(url)} did not send a list of revoked tokens`)
  const ids: readonly unknown[] = items.map((item) => (typeof item === 'string' ? item : item?.jti))
  if (!ids.every((id) => typeof id === 'string'))
    throw new FetchError(`${withoutQuery(url)} lists a revoked token without jti`)
  return new Set(ids as readonly string[])
}
