import { FetchError, type FetchOptions, fetchJson, OtherIssuerError } from './fetch-json.js'

/** What an issuer says about itself, and where it says so. */
export interface IssuerMetadata {
  readonly url: string
  readonly members: Readonly<Record<string, unknown>>
}

/**
 * An issuer's own metadata: OpenID Connect Discovery, then OAuth 2.0 Authorization Server Metadata (RFC 8414,
 * section 3.1); `undefined` where it offers neither. Only an answer that says "no such document" leads on to the next
 * place: an issuer that is down stays down.
 *
 * @throws {FetchError} when the metadata can't be had, or is somebody else's: its issuer has to be ours to the letter
 * (RFC 8414, section 3.3).
 */
export async function issuerMetadata(issuer: string, options: FetchOptions): Promise<IssuerMetadata | undefined> {
  for (const url of metadataUrls(issuer)) {
    const document = await fetchMetadata(url, options)
    if (document === undefined) continue
    const members = Object(document ?? {}) as IssuerMetadata['members']
    const { issuer: found } = members
    if (found !== issuer) {
      throw new OtherIssuerError(`${url} speaks for another issuer than the configured one`, found)
    }
    return { url, members }
  }
  return undefined
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

function withoutSlash(text: string): string {
  return text.replace(/\/$/, '')
}
