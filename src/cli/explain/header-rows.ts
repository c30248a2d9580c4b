import type { JWTHeaderParameters } from 'jose'
import {
  type HeaderCheckName,
  type HeaderExpectations,
  UNSUPPORTED_HEADERS,
} from '../../authentication/check-header.js'
import { either, listed, shown } from '../shown.js'
import type { Comparison } from './claim-rows.js'

type Compare = (header: Readonly<JWTHeaderParameters>, expected: HeaderExpectations) => Comparison | undefined

/** Both sides of every check of the header; `undefined` where there is nothing to compare. */
export const HEADER_ROWS: Readonly<Record<HeaderCheckName, Compare>> = {
  extensions: (header) => {
    const found = UNSUPPORTED_HEADERS.filter((name) => Object.hasOwn(header, name))
    return { expected: `none of ${listed(UNSUPPORTED_HEADERS)}`, actual: listed(found) }
  },
  kid: ({ kid }) => ({ expected: 'text, or absent', actual: shown(kid) }),
  alg: ({ alg }, { acceptedAlgorithms }) => ({ expected: either(acceptedAlgorithms), actual: shown(alg) }),
  cty: ({ cty }) => (cty === undefined ? undefined : { expected: 'no token inside the token', actual: shown(cty) }),
  typ: ({ typ }, { tokenTypes, profile }) => ({
    expected: profile === 'rfc9068' ? 'at+jwt' : `${either(tokenTypes)}, or absent`,
    actual: shown(typ),
  }),
}
