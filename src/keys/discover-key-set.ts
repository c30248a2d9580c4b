import { isSecureUrl } from '../config/secure-url.js'
import { FetchError, type FetchOptions, fetchJson, OtherIssuerError } from './fetch-json.js'

/**
 * Finds where an issuer publishes its keys.
 *
 * Asks OpenID Connect Discovery, then OAuth 2.0 Authorization Server Metadata (RFC 8414, section 3.1);
 * an issuer that offers neither is taken to follow pico-auth: `{issuer}/api/v1/auth/jwks`. Only an answer
 * that says "no such document" leads on to the next place: an issuer that is down stays down.
 *
 * @throws {FetchError} when the metadata can't be had, or is somebody else's.
 */
export async function discoverKeySet(issuer: string, options: FetchOptions): Promise<string> {
  for (const url of metadataUrls(issuer)) {
    const metadata = await fetchMetadata(url, options)
    if (metadata !== undefined) return keySetUrl(url, issuer, metadata)
  }
  return `${withoutSlash(issuer)}/api/v1/auth/jwks`
}

function metadataUrls(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer)
  return [
    `${withoutSlash(issuer)}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${withoutSlash(pathname)}`,
  ]
}

async function fetchMetadata(url: string, options: FetchOptions): Promise<unknown> {
  try {
    return await fetchJson(url, options)
  } catch (error) {
    if (error instanceof FetchError && isAbsence(error.status)) return undefined
    throw error
  }
}

/** 429 is a client error by number only: it asks to come back later. */
function isAbsence(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429
}

/** The issuer in the metadata has to be ours to the letter (RFC 8414, section 3.3). */
function keySetUrl(url: string, issuer: string, metadata: unknown): string {
  const { issuer: found, jwks_uri: location } = (metadata ?? {}) as { issuer?: unknown; jwks_uri?: unknown }
  if (found !== issuer) throw new OtherIssuerError(`${url} speaks for another issuer than the configured one`, found)
  if (!isSecureUrl(location, { query: true })) throw new FetchError(`${url} names no https jwks_uri`)
  return location
}

function withoutSlash(text: string): string {
  return text.replace(/\/$/, '')
}
