import { hash } from 'node:crypto'

/** Tells callers apart without naming them: 22 characters, the same for the same subject in every process. */
export function subjectHash(subject: string): string {
  return hash('sha256', `inversify-koa-auth:${subject}`, 'base64url').slice(0, 22)
}
