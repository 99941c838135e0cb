// Stands where a package would load what is never used here.
export {};
