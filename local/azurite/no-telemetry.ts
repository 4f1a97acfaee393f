/** Stands in for the package `applicationinsights` while Azurite loads: nothing is ever sent. */
export {};
