import { isSecureUrl } from '../config/secure-url.js'
import { FetchError, type FetchOptions } from './fetch-json.js'
import { issuerMetadata } from './issuer-metadata.js'

/**
 * Finds where an issuer publishes its keys: its metadata say so. An issuer without any is taken to follow pico-auth:
 * `{issuer}/api/v1/auth/jwks`.
 *
 * @throws {FetchError} when the metadata can't be had, or is somebody else's.
 */
export async function discoverKeySet(issuer: string, options: FetchOptions): Promise<string> {
  const metadata = await issuerMetadata(issuer, options)
  if (metadata === undefined) return `${issuer.replace(/\/$/, '')}/api/v1/auth/jwks`
  const { jwks_uri: location } = metadata.members
  if (!isSecureUrl(location, { query: true })) throw new FetchError(`${metadata.url} names no https jwks_uri`)
  return location
}
