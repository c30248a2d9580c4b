import { exportJWK, generateKeyPair } from 'jose'
import type { JWK } from 'oidc-provider'

/** A new RSA key pair as a private JWK. It lives in memory only: every run of the demo has its own. */
export async function generateSigningKey(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true })
  return { ...((await exportJWK(privateKey)) as JWK), kid, alg: 'RS256', use: 'sig' }
}
