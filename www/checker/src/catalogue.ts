/**
 * The product's own catalogue, as `rolewright codegen --lang ts` writes it by declaration merging. Where nothing is
 * registered every id is a text.
 */
export interface Register {}

/** What is written into {@link Register}. */
export interface CatalogueTypes {
  /** The ids of each permission's levels, by its id. */
  readonly permissions: object;
  /** The resources of each operation by name, by its id. */
  readonly operations: object;
}

type Registered = Register extends { readonly catalogue: infer Known extends CatalogueTypes } ? Known : undefined;

/** The id of a permission. */
export type PermissionId = Registered extends CatalogueTypes ? keyof Registered["permissions"] & string : string;

/** The id of a level of a permission. */
export type LevelId<P extends PermissionId = PermissionId> = Registered extends CatalogueTypes
  ? P extends keyof Registered["permissions"]
    ? Registered["permissions"][P] & string
    : never
  : string;

/** The id of an operation. */
export type OperationId = Registered extends CatalogueTypes ? keyof Registered["operations"] & string : string;

/** The resources of an operation by name. */
export type OperationResources<O extends OperationId = OperationId> = Registered extends CatalogueTypes
  ? O extends keyof Registered["operations"]
    ? Readonly<Registered["operations"][O]>
    : never
  : Readonly<Record<string, string>>;
