/** What a caller can hold, by the name that decorators and combinators know it by. */
export type AttributeKind = 'role' | 'group' | 'scope' | 'permission'

/** Asks for something the caller holds. Of its values, any one is enough. */
export interface AttributeCondition {
  readonly kind: AttributeKind
  readonly anyOf: readonly string[]
}

/** A class that the container resolves, and that decides in code: see `Policy`. */
export type PolicyClass = abstract new (...args: never[]) => object

/** Asks policies. Of these classes, any one that permits is enough. */
export interface PolicyCondition {
  readonly kind: 'policy'
  readonly anyOf: readonly PolicyClass[]
}

/** Met when every one of its conditions is. */
export interface AllOfCondition {
  readonly kind: 'allOf'
  readonly of: readonly Condition[]
}

/** Met when any one of its conditions is. */
export interface AnyOfCondition {
  readonly kind: 'anyOf'
  readonly of: readonly Condition[]
}

/** Met when its condition is not. */
export interface NotCondition {
  readonly kind: 'not'
  readonly of: Condition
}

/** One thing that is asked of a caller. */
export type Condition = AttributeCondition | PolicyCondition | AllOfCondition | AnyOfCondition | NotCondition

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
