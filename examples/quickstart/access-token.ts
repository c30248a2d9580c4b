import type { DemoAccount } from './provider.js'

/**
 * A live access token from the provider's token endpoint (RFC 6749, section 4.4).
 *
 * @throws {Error} when the provider refuses, with its status and answer.
 */
export async function fetchAccessToken(tokenEndpoint: string, account: DemoAccount): Promise<string> {
  const credentials = Buffer.from(`${account.id}:${account.secret}`).toString('base64')
  const response = await fetch(tokenEndpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })
  if (!response.ok) {
    throw new Error(`The provider answered ${response.status}: ${await response.text()}`)
  }
  const { access_token: token } = (await response.json()) as { access_token: string }
  return token
}
