const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/**
 * Whether keys and metadata may come from a URL: https, or http to a loopback host.
 *
 * User information and fragments are never right in such a URL; a query only where one is allowed for.
 */
export function isSecureUrl(value: unknown, { query = false }: { readonly query?: boolean } = {}): value is string {
  if (typeof value !== 'string' || /[\s\\]/.test(value)) return false
  const url = parse(value)
  if (url === undefined || url.username !== '' || url.password !== '' || /[#@]/.test(value)) return false
  if (!query && value.includes('?')) return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname))
}

function parse(value: string): URL | undefined {
  return /^https?:\/\/[^/]/i.test(value) && URL.canParse(value) ? new URL(value) : undefined
}
