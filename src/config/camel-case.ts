/** The TypeScript name of a setting: `jwks_ttl_seconds` is `jwksTtlSeconds`. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
