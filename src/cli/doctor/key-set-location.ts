import type { IssuerSettings } from '../../config/auth-client-settings.js'
import { discoverKeySet } from '../../keys/discover-key-set.js'
import { type FetchOptions, OtherIssuerError, withoutQuery } from '../../keys/fetch-json.js'
import { issuerMetadata } from '../../keys/issuer-metadata.js'
import { shown } from '../shown.js'
import { fetchFailure } from './fetch-failure.js'
import { type Finding, ok, problem, warning } from './finding.js'

/** Where an issuer's keys are, and what is to be said about that; no `url` where it can't be told. */
export interface KeySetLocation {
  readonly url: string | undefined
  readonly finding: Finding
}

/** Asks the issuer's metadata, as the application does where `jwks_endpoint` is empty. */
export async function discoveredLocation(issuer: string, options: FetchOptions): Promise<KeySetLocation> {
  let metadata: { readonly url: string; readonly status: number } | undefined
  const began = performance.now()
  try {
    const url = await discoverKeySet(issuer, {
      ...options,
      onResponse: (answer) => {
        metadata = answer
        options.onResponse?.(answer)
      },
    })
    if (metadata !== undefined && metadata.status < 400) return { url, finding: found(metadata.url, began) }
    const finding = warning(
      `there is no metadata: the keys are taken to be at ${url}`,
      'set auth_client.jwks_endpoint, or check auth_client.issuer.',
    )
    return { url, finding }
  } catch (error) {
    const finding = error instanceof OtherIssuerError ? otherIssuer(error, issuer) : problem(...fetchFailure(error))
    return { url: undefined, finding }
  }
}

/**
 * Compares the settings with the issuer's metadata where `jwks_endpoint` says where the keys are. The application does
 * without the metadata then, so that it is no problem if they can't be had; what they say of the issuer is what the
 * tokens say, though.
 */
export async function configuredLocation(
  { issuer, jwksEndpoint: url }: Pick<IssuerSettings, 'issuer' | 'jwksEndpoint'>,
  options: FetchOptions,
): Promise<KeySetLocation> {
  const began = performance.now()
  try {
    const metadata = await issuerMetadata(issuer, options)
    if (metadata === undefined) return { url, finding: ok('it has no metadata to compare auth_client.issuer with') }
    const { jwks_uri: location } = metadata.members
    const isTheSame = typeof location !== 'string' || withoutQuery(location) === withoutQuery(url)
    return { url, finding: isTheSame ? found(metadata.url, began) : otherKeys(location, url) }
  } catch (error) {
    if (error instanceof OtherIssuerError && typeof error.found === 'string') {
      return { url, finding: otherIssuer(error, issuer) }
    }
    const [what] = fetchFailure(error)
    return {
      url,
      finding: warning(`auth_client.issuer can't be compared: ${what}`, 'see that it is spelt as in the tokens.'),
    }
  }
}

function found(url: string, began: number): Finding {
  return ok(`metadata at ${url}, in ${Math.round(performance.now() - began)} ms`)
}

function otherKeys(location: string, url: string): Finding {
  return warning(
    `the issuer's metadata name other keys: ${shown(withoutQuery(location))}, not ${withoutQuery(url)}`,
    'leave auth_client.jwks_endpoint out, unless it is meant: keys may be rotated in one place only.',
  )
}

function otherIssuer({ found: name, message }: OtherIssuerError, issuer: string): Finding {
  if (typeof name !== 'string') return problem(message, 'check auth_client.issuer.')
  const differsBySlash = name.replace(/\/$/, '') === issuer.replace(/\/$/, '')
  const how = differsBySlash ? ' (they differ by the slash at the end only)' : ''
  return problem(
    `the issuer calls itself ${shown(name)}, not ${issuer}${how}`,
    `set auth_client.issuer to ${shown(name)}, if that is the one you trust.`,
  )
}
