/** A scope (RFC 6749, section 3.3). */
const SCOPE_TOKEN = /^[\x21\x23-\x5B\x5D-\x7E]+$/

/** The parameters of a challenge that asks for more scope, and names it where that can be said. */
export function insufficientScope(scopes: readonly string[] = []): string {
  return `error="insufficient_scope"${scopeParameter(scopes, ', ')}`
}

/**
 * The `scope` parameter of a challenge (RFC 6750, section 3); empty without scopes, or where one can't stand in it.
 *
 * @param before what separates it from the challenge so far
 */
export function scopeParameter(scopes: readonly string[], before: string): string {
  const fits = scopes.length > 0 && scopes.every((scope) => SCOPE_TOKEN.test(scope))
  return fits ? `${before}scope="${scopes.join(' ')}"` : ''
}
