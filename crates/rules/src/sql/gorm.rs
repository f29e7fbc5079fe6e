//! What rules about gorm share.

/// Methods of `*gorm.DB` that run a statement and return the `*gorm.DB` (package gorm, "gorm.io/gorm.DB.Finisher").
pub(crate) const GORM_FINISHERS: &[&str] = &[
    "gorm.io/gorm.DB.Commit",
    "gorm.io/gorm.DB.Count",
    "gorm.io/gorm.DB.Create",
    "gorm.io/gorm.DB.CreateInBatches",
    "gorm.io/gorm.DB.Delete",
    "gorm.io/gorm.DB.Exec",
    "gorm.io/gorm.DB.Find",
    "gorm.io/gorm.DB.FindInBatches",
    "gorm.io/gorm.DB.First",
    "gorm.io/gorm.DB.FirstOrCreate",
    "gorm.io/gorm.DB.FirstOrInit",
    "gorm.io/gorm.DB.Last",
    "gorm.io/gorm.DB.Pluck",
    "gorm.io/gorm.DB.Save",
    "gorm.io/gorm.DB.SavePoint",
    "gorm.io/gorm.DB.Scan",
    "gorm.io/gorm.DB.Take",
    "gorm.io/gorm.DB.Update",
    "gorm.io/gorm.DB.UpdateColumn",
    "gorm.io/gorm.DB.UpdateColumns",
    "gorm.io/gorm.DB.Updates",
];
