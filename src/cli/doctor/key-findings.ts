import type { JWK } from 'jose'
import type { IssuerSettings } from '../../config/auth-client-settings.js'
import { KeySet } from '../../keys/key-set.js'
import { fitsAlgorithm, keyFault, usableKey } from '../../keys/usable-key.js'
import { listed, shown } from '../shown.js'
import { type Finding, ok, problem, warning } from './finding.js'

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'priv']

/** What is to be said about a key set, given the algorithms that are accepted. */
export async function keyFindings(
  document: unknown,
  { acceptedAlgorithms }: Pick<IssuerSettings, 'acceptedAlgorithms'>,
): Promise<readonly Finding[]> {
  const keys = (document as { readonly keys: readonly unknown[] }).keys
  const findings: Finding[] = []
  const served = new Map<string, string[]>()
  for (const [index, key] of keys.entries()) {
    const name = keyName(key, index)
    findings.push(...exposure(key, name))
    const fault = keyFault(key)
    if (fault !== undefined) {
      findings.push(ok(`${name} ${fault}; it is left alone`))
      continue
    }
    const jwk = usableKey(key) as JWK
    const fitting = acceptedAlgorithms.filter((algorithm) => fitsAlgorithm(jwk, algorithm))
    findings.push(await strength(jwk, name, fitting, served))
  }
  return [...findings, ...algorithmFindings(acceptedAlgorithms, served), ...ambiguities(served)]
}

async function strength(
  jwk: JWK,
  name: string,
  fitting: readonly string[],
  served: Map<string, string[]>,
): Promise<Finding> {
  const kind = keyKind(jwk)
  const [first] = fitting
  if (first === undefined) {
    const found = `${name} (${kind}) fits none of auth_client.accepted_algorithms: its tokens are refused`
    return warning(found, 'add its algorithm, if the issuer signs with it.')
  }
  const header = { alg: first, ...(jwk.kid === undefined ? {} : { kid: jwk.kid }) }
  if ((await KeySet.parse({ keys: [jwk] })?.find(header)) === undefined) {
    return warning(`${name} (${kind}) is too weak or broken: its tokens are refused`, 'RSA needs 2048 bits at least.')
  }
  for (const algorithm of fitting) {
    const id = `${algorithm} ${jwk.kid ?? ''}`
    served.set(id, [...(served.get(id) ?? []), name])
  }
  return ok(`${name}: ${kind}, for ${fitting.join(', ')}`)
}

function exposure(key: unknown, name: string): readonly Finding[] {
  const members = Object(key ?? {}) as Record<string, unknown>
  // `p` and `q` are private in RSA keys alone, but so is `d`, and no public key has a `k`.
  const found = PRIVATE_MEMBERS.filter((member) => Object.hasOwn(members, member))
  if (found.length === 0) return []
  const text = `${name} is published with its private half (${found.join(', ')}): anybody can sign tokens`
  return [problem(text, 'withdraw the key at once, publish a new one, and treat all its tokens as forged.')]
}

function algorithmFindings(
  accepted: readonly string[],
  served: ReadonlyMap<string, readonly string[]>,
): readonly Finding[] {
  const lacking = accepted.filter((algorithm) => ![...served.keys()].some((id) => id.startsWith(`${algorithm} `)))
  if (lacking.length === 0) return []
  const found = `there is no key for ${lacking.join(', ')}`
  return lacking.length === accepted.length
    ? [
        problem(
          `${found}: no token can be accepted`,
          'set auth_client.accepted_algorithms to what the issuer signs with.',
        ),
      ]
    : [warning(found, 'leave out of auth_client.accepted_algorithms what the issuer does not use.')]
}

function ambiguities(served: ReadonlyMap<string, readonly string[]>): readonly Finding[] {
  return [...served].flatMap(([id, names]) => {
    if (names.length < 2) return []
    const [algorithm = '', kid = ''] = id.split(/ (.*)/s)
    const which = kid === '' ? 'without a kid' : `with the kid ${shown(kid)}`
    const found = `${names.length} keys for ${algorithm} ${which}: there is no telling which is meant, and their tokens are refused`
    return [problem(found, 'have the issuer give every key a kid of its own.')]
  })
}

function keyName(key: unknown, index: number): string {
  const kid = (key as { readonly kid?: unknown } | null)?.kid
  return typeof kid === 'string' ? `key ${shown(kid)}` : `key number ${index + 1}, without a kid,`
}

function keyKind({ kty, crv, n, alg }: JWK): string {
  const bits = kty === 'RSA' && typeof n === 'string' ? `${bitLength(n)} bits` : undefined
  return listed([kty, crv, bits, alg && `alg ${alg}`].filter((part) => part !== undefined && part !== '') as string[])
}

function bitLength(base64url: string): number {
  const hex = Buffer.from(base64url, 'base64url').toString('hex').replace(/^0+/, '')
  return hex === '' ? 0 : BigInt(`0x${hex}`).toString(2).length
}
