import type { Principal } from '../../authorization/principal.js'
import { alignedColumns } from '../../controllers/aligned-columns.js'
import type { RouteDescription } from '../../controllers/route-table.js'
import type { AuthError } from '../../errors/auth-error.js'
import { coloured } from '../coloured.js'
import { listed, shown } from '../shown.js'
import { advice, routeAdvice } from './advice.js'
import type { CheckResult } from './examine.js'
import type { RouteVerdict } from './route-verdict.js'

/** Everything that is known about a token. */
export interface Explanation {
  readonly checks: readonly CheckResult[]
  readonly refusal: AuthError | undefined
  readonly principal: Principal | undefined
  readonly route: (RouteVerdict & { readonly description: RouteDescription }) | undefined
}

const COLOURS = { ok: 'green', refused: 'red', undecided: 'yellow', 'not reached': 'gray' } as const

/** The explanation as text for people. */
export function asText(explanation: Explanation, inColour: boolean): string {
  const { checks, refusal, principal, route } = explanation
  const rows = checks.map(({ result, check, expected, actual }) => [result, check, expected, actual] as const)
  const lines = resultTable(['RESULT', 'CHECK', 'EXPECTED', 'ACTUAL'], rows, inColour)
  const verdict = refusal === undefined ? accepted(principal) : refused(refusal)
  const routeLines = route === undefined ? [] : ['', ...routeText(route, inColour)]
  return [...lines, '', ...verdict, ...routeLines].join('\n')
}

/** The explanation for programs. */
export function asJson({ checks, refusal, principal, route }: Explanation): string {
  const explained = {
    accepted: refusal === undefined,
    ...(refusal && {
      refusal: { status: refusal.status, code: refusal.code, message: refusal.message, advice: advice(refusal.code) },
    }),
    checks: checks.map(({ check, result, expected, actual, error }) => ({
      check,
      result,
      expected,
      actual,
      ...(error && { code: error.code }),
    })),
    ...(principal && { caller: caller(principal) }),
    ...(route && {
      route: {
        method: route.description.method,
        path: route.description.path,
        who: route.description.sentence,
        verdict: route.verdict,
        message: route.message,
        conditions: route.rows,
        ...(route.missing && { missing: route.missing, advice: routeAdvice(route.missing) }),
      },
    }),
  }
  return JSON.stringify(explained, null, 2)
}

function refused(refusal: AuthError): readonly string[] {
  const todo = advice(refusal.code)
  return [
    `Refused with ${refusal.status} ${refusal.code}: ${refusal.message}`,
    ...(todo === undefined ? [] : [`What to do: ${todo}`]),
  ]
}

function accepted(principal: Principal | undefined): readonly string[] {
  const list = principal === undefined ? [] : Object.entries(caller(principal))
  const rows = list.map(([name, value]) => [
    `  ${name}`,
    Array.isArray(value) ? listed(value) : shown(value === '' ? 'none' : value),
  ])
  return ['The token is good. Whether it has been revoked is not asked here.', alignedColumns(rows)]
}

function caller({ claims, roles }: Principal) {
  const { sub, issuer, clientId, groups, scopes, permissions } = claims
  return { sub, issuer, clientId, roles, groups, scopes, permissions }
}

function routeText(route: NonNullable<Explanation['route']>, inColour: boolean): readonly string[] {
  const { description, verdict, message, rows, missing } = route
  const { method, path, sentence } = description
  const [first = '', ...rest] = verdict
  const cells = rows.map(({ result, expected, held }) => [result, expected, held] as const)
  return [
    `${method} ${path} is for ${sentence}.`,
    ...(rows.length === 0 ? [] : ['', ...resultTable(['RESULT', 'EXPECTED', 'HELD'], cells, inColour), '']),
    `${first.toUpperCase()}${rest.join('')}: ${message}`,
    ...(missing === undefined ? [] : [`What to do: ${routeAdvice(missing)}`]),
  ]
}

/** Rows that begin with a result, which has a colour. */
function resultTable(
  headings: readonly string[],
  rows: readonly (readonly [result: keyof typeof COLOURS, ...cells: readonly string[]])[],
  inColour: boolean,
): readonly string[] {
  const lines = alignedColumns([headings, ...rows]).split('\n')
  return lines.map((line, index) => {
    const result = rows[index - 1]?.[0]
    return result === undefined ? line : `${coloured(result, COLOURS[result], inColour)}${line.slice(result.length)}`
  })
}
