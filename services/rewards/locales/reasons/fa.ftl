offer-reason-often_bought = چون زیاد { $category } می‌خرید
offer-reason-ends_soon = چون به‌زودی تمام می‌شود
offer-reason-new_kind = چیزی که تا کنون نداشته‌اید
offer-reason-in_reach = چون همین حالا می‌توانید آن را بگیرید
offer-reason-nearly_in_reach = چون امتیازتان برای آن نزدیک است
offer-reason-for_you = برای شما انتخاب شده است
