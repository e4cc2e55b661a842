/** A workspace: part of keys, paths and URLs. */
export const WORKSPACE_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
