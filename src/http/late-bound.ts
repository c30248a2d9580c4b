import type { RevocationCheck } from '../authentication/revocation-check.js'
import { keysOfIssuer } from '../keys/issuer-keys.js'
import type { KeySource } from '../keys/key-source.js'
import type { ServiceResolver } from './service-resolver.js'

/** The container's key source of the moment, so that rebinding it takes effect at once. */
export function lateBoundKeySource(keys: ServiceResolver<KeySource>): KeySource {
  return {
    ...lateBound(keys, (source) => source),
    forIssuer: (issuer) => lateBound(keys, (source) => keysOfIssuer(source, issuer)),
  }
}

function lateBound(keys: ServiceResolver<KeySource>, of: (source: KeySource) => KeySource): KeySource {
  return {
    keyFor: async (header) => of(await keys.resolve()).keyFor(header),
    keyAtHand: (header) => {
      const source = keys.resolve()
      if (!(source instanceof Promise)) return of(source).keyAtHand?.(header)
      // Whether it fails is for keyFor to find out.
      source.catch(() => undefined)
      return undefined
    },
  }
}

/** The container's revocation check of the moment. */
export function lateBoundRevocationCheck(checks: ServiceResolver<RevocationCheck>): RevocationCheck {
  return {
    isRevoked: (claims) => {
      const check = checks.resolve()
      return check instanceof Promise ? check.then((resolved) => resolved.isRevoked(claims)) : check.isRevoked(claims)
    },
  }
}
