import type { Clock } from '../../authentication/clock.js'
import type { IssuerSettings } from '../../config/auth-client-settings.js'
import { discoverKeySet } from '../../keys/discover-key-set.js'
import { type FetchOptions, fetchJson, OtherIssuerError, withoutQuery } from '../../keys/fetch-json.js'
import { KeySet } from '../../keys/key-set.js'
import { shown } from '../shown.js'
import { fetchFailure } from './fetch-failure.js'
import { type Finding, ok, problem, warning } from './finding.js'
import { keyFindings } from './key-findings.js'

type Answer = Parameters<NonNullable<FetchOptions['onResponse']>>[0]

/** What is to be said about an issuer: where its keys are, what they are like, whether its clock is ours. */
export async function issuerFindings(settings: IssuerSettings, clock: Clock): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  const answers: { readonly answer: Answer; readonly at: number }[] = []
  const options = {
    timeoutMs: settings.jwksTimeoutMs,
    onResponse: (answer: Answer) => answers.push({ answer, at: clock() }),
  }
  const url = await keySetUrl(settings, options, findings)
  if (url !== undefined) findings.push(...(await keys(url, settings, options)))
  const last = answers.at(-1)
  return last === undefined ? findings : [...findings, ...clockFindings(last.answer, last.at, settings)]
}

async function keySetUrl(
  { issuer, jwksEndpoint }: IssuerSettings,
  options: FetchOptions,
  findings: Finding[],
): Promise<string | undefined> {
  if (jwksEndpoint !== '') return jwksEndpoint
  const asked: Answer[] = []
  const began = performance.now()
  try {
    const url = await discoverKeySet(issuer, {
      ...options,
      onResponse: (answer) => {
        asked.push(answer)
        options.onResponse?.(answer)
      },
    })
    const metadata = asked.at(-1)
    findings.push(
      metadata !== undefined && metadata.status < 400
        ? ok(`metadata at ${metadata.url}, in ${since(began)}`)
        : warning(
            `there is no metadata: the keys are taken to be at ${url}`,
            'set auth_client.jwks_endpoint, or check auth_client.issuer.',
          ),
    )
    return url
  } catch (error) {
    findings.push(discoveryFailure(error, issuer))
    return undefined
  }
}

function discoveryFailure(error: unknown, issuer: string): Finding {
  if (!(error instanceof OtherIssuerError)) return problem(...fetchFailure(error))
  const { found } = error
  if (typeof found !== 'string') return problem(error.message, 'check auth_client.issuer.')
  const differsBySlash = found.replace(/\/$/, '') === issuer.replace(/\/$/, '')
  const how = differsBySlash ? ' (they differ by the slash at the end only)' : ''
  return problem(
    `the issuer calls itself ${shown(found)}, not ${issuer}${how}`,
    `set auth_client.issuer to ${shown(found)}, if that is the one you trust.`,
  )
}

async function keys(url: string, settings: IssuerSettings, options: FetchOptions): Promise<readonly Finding[]> {
  const began = performance.now()
  try {
    const document = await fetchJson(url, options)
    const took = since(began)
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

/** The header tells whole seconds, rounded down. */
function clockFindings(
  { headers }: Answer,
  at: number,
  { clockToleranceSeconds: tolerance }: IssuerSettings,
): readonly Finding[] {
  const theirs = Date.parse(headers.get('date') ?? '')
  if (Number.isNaN(theirs)) return []
  const difference = Math.round((theirs - at) / 1000)
  const seconds = Math.abs(difference)
  if (seconds <= Math.max(tolerance, 1)) return [ok(`its clock and ours agree to within ${Math.max(seconds, 1)} s`)]
  const found = `its clock is ${seconds} s ${difference > 0 ? 'ahead of' : 'behind'} ours; ${tolerance} s are tolerated`
  const todo = 'synchronise the clocks (NTP): good tokens may be refused as expired or not valid yet.'
  return [warning(found, todo)]
}

function since(began: number): string {
  return `${Math.round(performance.now() - began)} ms`
}
