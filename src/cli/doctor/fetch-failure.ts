import { FetchError } from '../../keys/fetch-json.js'

/** What error codes of sockets and TLS mean, and what to do. */
const REASONS: readonly (readonly [RegExp, string, string])[] = [
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'its name is not known to DNS', 'check the spelling, and the DNS of this machine.'],
  [/^ECONNREFUSED$/, 'nothing listens there', 'check the port, and whether the service is running.'],
  [/^(ECONNRESET|UND_ERR_SOCKET)$/, 'the connection was cut', 'check proxies and firewalls in between.'],
  [
    /^(EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/,
    'there is no way to it',
    'check firewalls and routes.',
  ],
  [/^CERT_HAS_EXPIRED$/, 'its certificate has expired', 'have the certificate renewed.'],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'its certificate is for another name', 'check the host name.'],
  [
    /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER_CERT(_LOCALLY)?|VERIFY_LEAF_SIGNATURE))$/,
    'its certificate comes from an authority that Node.js does not trust',
    'name the authority in NODE_EXTRA_CA_CERTS.',
  ],
  [/^(ERR_SSL|EPROTO)/, 'it does not speak TLS', 'check the port and the scheme.'],
]

/** Why something couldn't be fetched, and what to do, in plain words. */
export function fetchFailure(error: unknown): readonly [found: string, todo: string] {
  const message = error instanceof Error ? error.message : String(error)
  const code = errorCode(error)
  const [, reason, todo] = REASONS.find(([pattern]) => pattern.test(code)) ?? []
  if (reason !== undefined && todo !== undefined) return [`${message}: ${reason} (${code})`, todo]
  const status = error instanceof FetchError ? error.status : undefined
  if (status === 401 || status === 403) return [message, 'check the credentials, and who may read it.']
  if (status !== undefined && status >= 500) return [message, 'see to the service itself.']
  return [message, 'open the address by hand and compare.']
}

function errorCode(error: unknown): string {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    const { code } = cause as NodeJS.ErrnoException
    if (typeof code === 'string') return code
  }
  return ''
}
