/**
 * The statuses that a request may be answered with.
 *
 * @param sent when the request went out
 * @param answered when the answer was complete
 */
export function fairAnswers(attempt, timeline, sent, answered) {
  const unavailable = attempt.needsKey && timeline.mayBeUnavailable(sent, answered) ? [503] : []
  if (attempt.forged) return [401, ...unavailable]
  const { kid, status, expires } = attempt
  const isKnown = sent >= timeline.knownBy(kid) && answered <= timeline.removedAt(kid)
  const isForgotten = sent >= timeline.forgottenBy(kid)
  const isValid = answered < expires
  const isExpired = sent >= expires + timeline.toleranceMs
  if (isForgotten || isExpired) return [401, ...unavailable]
  return isKnown && isValid ? [status] : [status, 401, ...unavailable]
}

/** Why an answer is wrong; `undefined` when it is right. */
export function wrongAnswer(attempt, { status, bytes, sent, answered }, timeline) {
  const fair = fairAnswers(attempt, timeline, sent, answered)
  if (!fair.includes(status)) return `${attempt.says}: ${status} instead of ${fair.join(' or ')}`
  if (status === 200 && !bytes.includes(`"by":"${attempt.subject}"`)) return `${attempt.says}: somebody else's answer`
  return undefined
}
