import type { Clock } from '../../authentication/clock.js'
import type { IssuerSettings } from '../../config/auth-client-settings.js'
import { type FetchOptions, fetchJson, withoutQuery } from '../../keys/fetch-json.js'
import { KeySet } from '../../keys/key-set.js'
import { clockFindings, type TimedAnswer } from './clock-findings.js'
import { fetchFailure } from './fetch-failure.js'
import { type Finding, ok, problem } from './finding.js'
import { keyFindings } from './key-findings.js'
import { configuredLocation, discoveredLocation } from './key-set-location.js'

/** What is to be said about an issuer: how it is spelt, where its keys are, what they are like, whether its clock is ours. */
export async function issuerFindings(settings: IssuerSettings, clock: Clock): Promise<readonly Finding[]> {
  const { issuer, jwksEndpoint } = settings
  const answers: TimedAnswer[] = []
  const options: FetchOptions = {
    timeoutMs: settings.jwksTimeoutMs,
    onResponse: ({ headers }) => answers.push({ headers, at: clock() }),
  }
  const located =
    jwksEndpoint === '' ? await discoveredLocation(issuer, options) : await configuredLocation(settings, options)
  const { url, finding } = located
  const findings = [finding, ...(url === undefined ? [] : await keys(url, settings, options))]
  return [...findings, ...clockFindings(answers, settings)]
}

async function keys(url: string, settings: IssuerSettings, options: FetchOptions): Promise<readonly Finding[]> {
  const began = performance.now()
  try {
    const document = await fetchJson(url, options)
    const took = `${Math.round(performance.now() - began)} ms`
    if (KeySet.parse(document) === undefined) {
      return [problem(`${withoutQuery(url)} did not send a JWK Set`, 'check auth_client.jwks_endpoint.')]
    }
    const count = (document as { readonly keys: readonly unknown[] }).keys.length
    const found = `${count} ${count === 1 ? 'key' : 'keys'} at ${withoutQuery(url)}, in ${took}`
    return [ok(found), ...(await keyFindings(document, settings))]
  } catch (error) {
    return [problem(...fetchFailure(error))]
  }
}
