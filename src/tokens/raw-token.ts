declare const raw: unique symbol

/** Credentials as a client sent them: nothing about them is known to be true. */
export type RawToken = string & { readonly [raw]: true }
