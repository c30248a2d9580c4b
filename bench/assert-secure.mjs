import { REQUESTED } from './contract.mjs'
import { claims, issuerKeys, keyPair, signed, subject } from './tokens.mjs'

const who = subject(0)

/** Makes sure that a subject does its job before its speed is looked at. */
export async function assertSecure({ title }, { port }) {
  const { rsa } = issuerKeys()
  const cases = [
    { says: 'a good token', token: signed(claims(who), rsa), expected: [200] },
    { says: 'no token', token: undefined, expected: [401] },
    { says: 'a token for another role', token: signed(claims(who, { role: 'viewer' }), rsa), expected: [403] },
    { says: 'an expired token', token: signed(claims(who, { lifetime: -60 }), rsa), expected: [401] },
    { says: "a stranger's signature", token: signed(claims(who), keyPair(rsa.kid)), expected: [401] },
    { says: 'another issuer', token: signed({ ...claims(who), iss: 'https://else.example/' }, rsa), expected: [401] },
    { says: 'another audience', token: signed({ ...claims(who), aud: 'else' }, rsa), expected: [401] },
  ]
  for (const { says, token, expected } of cases) {
    const { status, body } = await get(port, token)
    if (!expected.includes(status)) throw new Error(`${title} answered ${says} with ${status}`)
    if (status === 200 && body.by !== who) throw new Error(`${title} took ${who} for ${body.by}`)
  }
}

async function get(port, token) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(`http://127.0.0.1:${port}${REQUESTED}`, { headers })
  const text = await response.text()
  return { status: response.status, body: response.ok ? JSON.parse(text) : undefined }
}
