/** What is said by its own names: what every object has inherited, whoever put it there, says nothing. Of nothing it is nothing. */
export function own<T extends object>(said: T | null | undefined): T {
  return { __proto__: null, ...said } as unknown as T;
}
