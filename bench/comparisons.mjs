import { BARE, EXPRESS, FASTIFY, JOSE, KOA_JWT, OURS, OURS_UNCACHED } from './subjects.mjs'

/** Who is measured in turn with whom. Both are sent the same `tokens` different tokens, over and over. */
const beside = (against, subject, tokens, title) => ({ against, subject, tokens, title })

/** By the letters of the table. */
export const WITH_BARE = {
  repeated: beside(BARE, OURS, 1, '(b) ours, one repeated token'),
  thousand: beside(BARE, OURS, 1_000, '(c) ours, 1,000 rotating tokens'),
  hundredThousand: beside(BARE, OURS, 100_000, '(c) ours, 100,000 rotating tokens'),
  uncached: beside(BARE, OURS_UNCACHED, 1_000, '(d) ours, cache off'),
  koaJwt: beside(BARE, KOA_JWT, 1, `(e) ${KOA_JWT.title}`),
  express: beside(BARE, EXPRESS, 1, `(f) ${EXPRESS.title}`),
  fastify: beside(BARE, FASTIFY, 1, `(g) ${FASTIFY.title}`),
  jose: beside(BARE, JOSE, 1, `(h) ${JOSE.title}`),
}

/** Tokens that have to be verified every time, where who is the faster is a matter of a few percent. */
export const WITH_JOSE = {
  hundredThousand: beside(JOSE, OURS, 100_000, '(c) ours, 100,000 rotating tokens'),
  uncached: beside(JOSE, OURS_UNCACHED, 1_000, '(d) ours, cache off'),
}
