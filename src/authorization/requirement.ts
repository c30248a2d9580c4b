/** What a caller has to hold. Of its values, any one is enough. */
export interface RoleCondition {
  readonly kind: 'role'
  readonly anyOf: readonly string[]
}

/** One thing that is asked of a caller. */
export type Condition = RoleCondition

/**
 * Who may call, compiled once at start-up.
 *
 * - `anonymous`: anyone; a token isn't even looked at.
 * - `optional`: anyone, but a token that is sent has to be valid.
 * - `authenticated`: holders of a valid token who meet every condition.
 */
export type Requirement =
  | { readonly access: 'anonymous' }
  | { readonly access: 'optional' }
  | {
      readonly access: 'authenticated'
      readonly allOf: readonly Condition[]
      /** What an agent that works for the caller has to hold: of each list one scope. Absent where no agent is asked for. */
      readonly agentScopes?: readonly (readonly string[])[]
    }

/** The default: any valid token. */
export const ANY_VALID_TOKEN: Requirement = Object.freeze({ access: 'authenticated', allOf: Object.freeze([]) })
